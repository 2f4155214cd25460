"""What a card says of the data, the labels and the law, whatever the run."""

SOURCE = (
    "Retrospective: the chest radiographs were made in routine care at the Guangzhou Women and "
    "Children's Medical Center, and published by the authors below. Nothing was collected for "
    "this project, and no other centre is among the training pictures."
)
PARTICIPANTS = (
    "Children of one to five years, frontal (antero-posterior) view. The authors removed pictures "
    "of poor quality before publication; how many is not known, nor are sex, age, severity or "
    "scanner of a single child. A patient is told by number and kind in a file's name: "
    "`person7_bacteria` and `person7_virus` are two children."
)
GROUND_TRUTH = (
    "The folder a picture lies in, *normal* or *pneumonia*. By the authors' account two expert "
    "physicians graded each picture and a third checked the evaluation set. It is an opinion on "
    "the picture, not a proof by culture or follow-up, and how far the readers agreed was not "
    "published. Specialists reading such pictures agree only moderately (kappa .4 to .6; "
    "PubMed 23997040). *Bacterial* and *viral* are told by the file's name."
)
PARTITION = (
    "The official split is kept: the test pictures were never trained on, and nothing was chosen "
    "by them. Validation patients were taken out of the official training folder as whole "
    "patients, since pictures of one child resemble each other: a split by picture would put "
    "siblings on both sides and flatter every figure. Temperature, thresholds and the abstain band "
    "are fitted on the validation patients alone."
)
PREPARATION = (
    "Every picture is turned to 8 bit grey and resized to a square by an antialiased bilinear "
    "filter, the aspect not kept; the network does its own rescaling inside. Uploads go through "
    "the very same function. Nothing is cropped, segmented or filled in; no picture is missing a "
    "label. Before a picture is judged, a gate says whether it looks like a frontal chest "
    "radiograph at all."
)
OUTPUT = (
    "The output is a calibrated probability of pneumonia. At an operating point it becomes a call: "
    "pneumonia from the threshold on, else normal."
)
EXPLANATION = (
    "LIME and other overlays show what the model reacts to, not where disease is. They are off "
    "until asked for."
)
INTERVALS = (
    "95 % intervals: Wilson for shares of a count, otherwise the middle 95 % over 1000 resamples "
    "of the *patients*, within each class. n is the number of pictures behind a figure. The "
    "official test set has no sample size calculation; at its 624 pictures an accuracy of .91 is "
    "known to about 2 points either way."
)
LIMITATIONS = (
    "- One centre, one age group, one view; the class share of the test set is that of the data "
    "set, not of any clinic, so that PPV and NPV do not carry over.\n"
    "- No demographic data: fairness across sex, age or origin cannot be examined.\n"
    "- The normal pictures of the official test set differ from those of training, so that figures "
    "on validation patients promise too much.\n"
    "- No reader has used the model on patients; what it does to a reader's decisions is not "
    "known."
)
ETHICS = (
    "Research and teaching only. Not a medical device in any country: not CE marked, not cleared "
    "by the FDA, not assessed under the EU's Medical Device Regulation or AI Act. The pictures are "
    "de-identified and public; their authors report the approval of their ethics boards (Kermany "
    "et al. 2018). No funding and no trial registration are on record for this project, and no "
    "patient or member of the public took part in its design."
)
AVAILABILITY = (
    "Code, configuration, predictions and, where this card names a network's hash, the weights are "
    "in this project's repository. The data are the authors', under CC BY 4.0; they are fetched "
    "with `python -m pipeline data fetch kaggle`."
)
RECORDED = (
    "This training was recorded in a notebook of 2021. Its weights and its predictions were not "
    "kept, so that nothing can be judged again: there are no test figures, and none were guessed."
)
