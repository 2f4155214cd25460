"""What figures of a training are called."""

METRIC_TITLES = {
    "loss": "Loss (cross-entropy)",
    "accuracy": "Accuracy",
    "auc": "AUC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "objective": "Objective (what training minimises)",
    "learning_rate": "Learning rate",
}
