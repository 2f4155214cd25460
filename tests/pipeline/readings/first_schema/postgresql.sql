-- The readings' database as the first migration made it, with an invented study of drawn pictures.
-- Never to be changed: it stands for databases of that age. For PostgreSQL.
CREATE FUNCTION reading_refused() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'rows of a reader study are never changed or deleted'; END $$;

CREATE TABLE reading_case (
    study character varying(16) NOT NULL,
    case_number integer NOT NULL,
    sha256 character varying(64) NOT NULL,
    patient character varying(40) NOT NULL,
    label integer,
    probability double precision NOT NULL,
    called integer NOT NULL,
    accepted integer NOT NULL,
    reasons text NOT NULL
);

CREATE TABLE reading_draft (
    study character varying(16) NOT NULL,
    reader character varying(40) NOT NULL,
    pass_number integer NOT NULL,
    case_number integer NOT NULL,
    document text NOT NULL,
    seconds double precision NOT NULL
);

CREATE TABLE reading_event (
    study character varying(16) NOT NULL,
    number integer NOT NULL,
    who character varying(40) NOT NULL,
    turn integer NOT NULL,
    at character varying(40) NOT NULL,
    what character varying(16) NOT NULL,
    pass_number integer,
    case_number integer,
    once character varying(40),
    key character varying(80),
    payload text NOT NULL,
    previous character varying(64) NOT NULL,
    hash character varying(64) NOT NULL
);

CREATE TABLE reading_order (
    study character varying(16) NOT NULL,
    reader character varying(40) NOT NULL,
    number integer NOT NULL,
    pass_number integer NOT NULL,
    "position" integer NOT NULL,
    case_number integer NOT NULL
);

CREATE TABLE reading_picture (
    study character varying(16) NOT NULL,
    case_number integer NOT NULL,
    png bytea NOT NULL,
    deep_png bytea,
    about text NOT NULL,
    explanation bytea
);

CREATE TABLE reading_seat (
    study character varying(16) NOT NULL,
    who character varying(40) NOT NULL,
    number integer NOT NULL,
    selector character varying(16) NOT NULL,
    verifier character varying(48) NOT NULL
);

CREATE TABLE reading_study (
    id character varying(16) NOT NULL,
    created character varying(40) NOT NULL,
    design text NOT NULL
);

CREATE TABLE reading_version (
    version_num character varying(32) NOT NULL
);

INSERT INTO reading_case VALUES ('99w34zg3', 1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'P1', 0, 0.125, 0, 1, '[]');
INSERT INTO reading_case VALUES ('99w34zg3', 2, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'P2', NULL, 0.875, 1, 0, '["too dark"]');
INSERT INTO reading_case VALUES ('9ecbwh6h', 1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'P1', 0, 0.125, 0, 1, '[]');
INSERT INTO reading_case VALUES ('mqmnwbhk', 1, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'P1', 0, 0.125, 0, 1, '[]');

INSERT INTO reading_draft VALUES ('99w34zg3', 'bert', 1, 1, '{"half":"filled"}', 4.5);

INSERT INTO reading_event VALUES ('99w34zg3', 1, 'owner', 1, '2026-01-02T08:00:00+00:00', 'created', NULL, NULL, 'created', NULL, '{"cases":{"1":{"accepted":1,"called":0,"label":0,"patient":"P1","probability":0.125,"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","stored":"d973d138580cb9ab4775a715d8b6fd5a35663c98cfae38ce5914910cdf9cdfdd"},"2":{"accepted":0,"called":1,"label":null,"patient":"P2","probability":0.875,"sha256":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","stored":"2048eec0fcedc3ca5adddbf0a052596f08e3b3a9f83c0f66d1fabba7271cad60"}},"design":{"explanation_seed":0,"fill":"blur","findings":["effusion","opacity"],"method":"lime","operating_point":"balanced","passes":[{"arm":"overlay","cases":null,"order":"read-then-reveal"},{"arm":"none","cases":1,"order":"read-then-reveal"}],"quality":true,"regions":true,"run":"a-run","run_sha256":"abababababababababababababababababababababababababababababababab","scale":5,"seed":7,"segments":"slic","threshold":0.5,"title":"A drawn study","washout_days":0.0},"orders":{"anna":[[1,1,1],[1,2,2],[2,1,2]],"bert":[[1,1,2],[1,2,1],[2,1,2]]},"readers":["anna","bert"]}', '0000000000000000000000000000000000000000000000000000000000000000', '59be079c1977416a78a8ba43da13ad236ce299fef9064736deb02ec66e510aa4');
INSERT INTO reading_event VALUES ('99w34zg3', 2, 'anna', 1, '2026-01-02T08:02:00+00:00', 'opened', 1, 1, NULL, NULL, '{}', '59be079c1977416a78a8ba43da13ad236ce299fef9064736deb02ec66e510aa4', '2fee10fd769a74fc73fcdd2c5ea040996cd9f30e7b577a321004281c9d8a91d8');
INSERT INTO reading_event VALUES ('99w34zg3', 3, 'anna', 2, '2026-01-02T08:04:00+00:00', 'answered', 1, 1, '1/1/answered', 'anna-1', '{"answer":{"confidence":4,"findings":["opacity"],"pneumonia":false,"quality":"good","regions":[{"height":0.4,"width":0.3,"x":0.1,"y":0.2}]},"comment":"first","seconds":12.5}', '2fee10fd769a74fc73fcdd2c5ea040996cd9f30e7b577a321004281c9d8a91d8', '2be9fb006e70e6172607a872448f61de12e54b74c5e60a4b8115a63c4762619c');
INSERT INTO reading_event VALUES ('99w34zg3', 4, 'anna', 3, '2026-01-02T08:06:00+00:00', 'revealed', 1, 1, '1/1/revealed', 'anna-1', '{"arm":"overlay","explanation":null,"pneumonia":false,"probability":0.125,"run":"a-run","run_sha256":"abababababababababababababababababababababababababababababababab","threshold":0.5}', '2be9fb006e70e6172607a872448f61de12e54b74c5e60a4b8115a63c4762619c', '08007ab76d799f7e5111dce828682cb461ac141068a365a029c99036f325bbc2');
INSERT INTO reading_event VALUES ('99w34zg3', 5, 'anna', 4, '2026-01-02T08:08:00+00:00', 'finished', 1, 1, '1/1/finished', 'anna-1', '{"answer":{"confidence":5,"findings":["opacity"],"pneumonia":true,"quality":"limited","regions":[]},"comment":"Gr\u00f6\u00dfe \u2028 ''x'' \"y\"; --","ratings":[],"seconds":3.25}', '08007ab76d799f7e5111dce828682cb461ac141068a365a029c99036f325bbc2', 'd3851e360ea6a32b970385b2f67cafcfe56f768df04e7cb31c6adc8617ee70ce');
INSERT INTO reading_event VALUES ('99w34zg3', 6, 'anna', 5, '2026-01-02T08:10:00+00:00', 'opened', 1, 2, NULL, NULL, '{}', 'd3851e360ea6a32b970385b2f67cafcfe56f768df04e7cb31c6adc8617ee70ce', '66c67c5cf3d3f2a5a32c0534533f5bc90a56c750408bff9527f88b5987686cd5');
INSERT INTO reading_event VALUES ('99w34zg3', 7, 'anna', 6, '2026-01-02T08:12:00+00:00', 'answered', 1, 2, '1/2/answered', 'anna-2', '{"answer":{"confidence":4,"findings":["opacity"],"pneumonia":true,"quality":"good","regions":[{"height":0.4,"width":0.3,"x":0.1,"y":0.2}]},"comment":"first","seconds":12.5}', '66c67c5cf3d3f2a5a32c0534533f5bc90a56c750408bff9527f88b5987686cd5', '4042dd35996ee1e612e4476d476ca66414969f7a5cd0def68d90522abcb2bcf7');
INSERT INTO reading_event VALUES ('99w34zg3', 8, 'anna', 7, '2026-01-02T08:14:00+00:00', 'revealed', 1, 2, '1/2/revealed', 'anna-2', '{"arm":"overlay","explanation":null,"pneumonia":true,"probability":0.875,"run":"a-run","run_sha256":"abababababababababababababababababababababababababababababababab","threshold":0.5}', '4042dd35996ee1e612e4476d476ca66414969f7a5cd0def68d90522abcb2bcf7', '7500e795e50546c2fdad7f0f35c27003109a7fa05424bdd8b36df0996a3e4523');
INSERT INTO reading_event VALUES ('99w34zg3', 9, 'anna', 8, '2026-01-02T08:16:00+00:00', 'finished', 1, 2, '1/2/finished', 'anna-2', '{"answer":{"confidence":5,"findings":["opacity"],"pneumonia":true,"quality":"limited","regions":[]},"comment":"Gr\u00f6\u00dfe \u2028 ''x'' \"y\"; --","ratings":[],"seconds":3.25}', '7500e795e50546c2fdad7f0f35c27003109a7fa05424bdd8b36df0996a3e4523', 'f99aa16c7f77f19fe4c2ed6f7a17a79ee96fe07bea19b1c586ef2947afa950f0');
INSERT INTO reading_event VALUES ('99w34zg3', 10, 'bert', 1, '2026-01-02T08:18:00+00:00', 'opened', 1, 1, NULL, NULL, '{}', 'f99aa16c7f77f19fe4c2ed6f7a17a79ee96fe07bea19b1c586ef2947afa950f0', '175557bdf31b4ffcea281d7fb8a38afb94f5c11e442081e8918a2d45d1b5ebe5');
INSERT INTO reading_event VALUES ('99w34zg3', 11, 'owner', 2, '2026-01-02T08:21:00+00:00', 'truth', NULL, NULL, NULL, NULL, '{"truth":{"2":[1,"P9"]}}', '175557bdf31b4ffcea281d7fb8a38afb94f5c11e442081e8918a2d45d1b5ebe5', 'a9c3c22e5b0eebfe84c57b43b2dbfce2bed7e4316c39c49efe1f9955c5748a36');
INSERT INTO reading_event VALUES ('9ecbwh6h', 1, 'owner', 1, '2026-01-02T08:24:00+00:00', 'created', NULL, NULL, 'created', NULL, '{"cases":{"1":{"accepted":1,"called":0,"label":0,"patient":"P1","probability":0.125,"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","stored":"98636d9204085f2a6b57ab9576335f2085e3bf14a7189fff1b7117d377703ba0"}},"design":{"explanation_seed":0,"fill":"blur","findings":[],"method":"lime","operating_point":"balanced","passes":[{"arm":"none","cases":null,"order":"read-then-reveal"}],"quality":false,"regions":true,"run":"a-run","run_sha256":"abababababababababababababababababababababababababababababababab","scale":5,"seed":0,"segments":"slic","threshold":0.5,"title":"Deleted","washout_days":0.0},"orders":{"anna":[[1,1,1]]},"readers":["anna"]}', '0000000000000000000000000000000000000000000000000000000000000000', '4f50df85ccf7fc831d8b6dbb73bf0d3dfba6deb22190a88440488837a1aa8b59');
INSERT INTO reading_event VALUES ('9ecbwh6h', 2, 'owner', 2, '2026-01-02T08:25:00+00:00', 'deleted', NULL, NULL, 'deleted', NULL, '{}', '4f50df85ccf7fc831d8b6dbb73bf0d3dfba6deb22190a88440488837a1aa8b59', 'f104878036b5d7f2743fe941a466fe056f173407cbaf1a0b7da4a74cb850d3e0');
INSERT INTO reading_event VALUES ('mqmnwbhk', 1, 'owner', 1, '2026-01-02T08:22:00+00:00', 'created', NULL, NULL, 'created', NULL, '{"cases":{"1":{"accepted":1,"called":0,"label":0,"patient":"P1","probability":0.125,"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","stored":"98636d9204085f2a6b57ab9576335f2085e3bf14a7189fff1b7117d377703ba0"}},"design":{"explanation_seed":0,"fill":"blur","findings":[],"method":"lime","operating_point":"balanced","passes":[{"arm":"none","cases":null,"order":"read-then-reveal"}],"quality":false,"regions":true,"run":"a-run","run_sha256":"abababababababababababababababababababababababababababababababab","scale":5,"seed":0,"segments":"slic","threshold":0.5,"title":"Closed","washout_days":0.0},"orders":{"anna":[[1,1,1]]},"readers":["anna"]}', '0000000000000000000000000000000000000000000000000000000000000000', '2724eee08a090c7b39a05d53bfd09bc785c4129272475cc9e73960c825bfbe99');
INSERT INTO reading_event VALUES ('mqmnwbhk', 2, 'owner', 2, '2026-01-02T08:23:00+00:00', 'closed', NULL, NULL, 'closed', NULL, '{}', '2724eee08a090c7b39a05d53bfd09bc785c4129272475cc9e73960c825bfbe99', '0e0ac4a0db115a47be651fefea1c2f09b32642b78409e40eb1997b665939e625');

INSERT INTO reading_order VALUES ('99w34zg3', 'anna', 1, 1, 1, 1);
INSERT INTO reading_order VALUES ('99w34zg3', 'anna', 1, 1, 2, 2);
INSERT INTO reading_order VALUES ('99w34zg3', 'anna', 1, 2, 1, 2);
INSERT INTO reading_order VALUES ('99w34zg3', 'bert', 2, 1, 1, 2);
INSERT INTO reading_order VALUES ('99w34zg3', 'bert', 2, 1, 2, 1);
INSERT INTO reading_order VALUES ('99w34zg3', 'bert', 2, 2, 1, 2);
INSERT INTO reading_order VALUES ('9ecbwh6h', 'anna', 1, 1, 1, 1);
INSERT INTO reading_order VALUES ('mqmnwbhk', 'anna', 1, 1, 1, 1);

INSERT INTO reading_picture VALUES ('99w34zg3', 1, '\x89504e470d0a1a0a0000000d49484452000000400000004008000000008f022e0200000047494441547801edd5b115002008c450cffd875670042c3fbd16792164ede164387bf83e3e080657221e60502de101063c28023cc0a035d044bbd022b88d9aa8899af8087cd885030fb810be41dcaac20000000049454e44ae426082', NULL, '{"sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "colour": 0.0, "notes": ["A note."], "tags": null, "spacing_mm": null, "windows": []}', '\x504b03042d000000080000002100195c14daffffffffffffffff08001400726573742e6e7079010010007801000000000000e3000000000000009d90b14e03310c86cbca53445902d251b5470ba50fc0c6898581a9ca5ddc6b245f72721c2454fa14bc30719858c9e4fff3efdf56bebbb797d7f7abc5c7e26c1ca481cc5e99afbc368d32c7484c361c223910fe6c3141e1e9646728faa6ddec9adb465dd4bfdff5594fc0a7e8f45e69f413e84669ca41a4bd93a268b6340217b42e2207cfd51c47159d4b62f081810698a5d1d9ae90042091f752da69464832be6ab7b5374e10d8b28f754f423f48cad1238aee31d3af76809e3f0fd416bc5aee1e64986def8556f4f458f398b1ae63cae57ff44cb1ffe3aa67c01083ab672cdbede507504b03042d000000080000002100d2f74653ffffffffffffffff0c0014007365676d656e74732e6e707901001000800100000000000052000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a163a0a169a3a0ab50a64032e060a012385988942cc4c210600504b03042d0000000800000021003a05cd86ffffffffffffffff0b001400776569676874732e6e707901001000a00000000000000058000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a263a9a3a0ab50a14002e063078600fa12fec678082a9d7d45e70eb09da0100504b03042d000000080000002100c9e158a7ffffffffffffffff0b0014006d617267696e732e6e707901001000a0000000000000004c000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a263a9a3a0ab50a1400ae59334160a73d2e1a00504b03042d000000080000002100940eb662ffffffffffffffff08001400686561742e6e707901001000800100000000000058000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a163a0a169a3a0ab50a64032e0606067bca70c33eca306520bea0d380120c00504b01022d032d000000080000002100195c14dae300000078010000080000000000000000000000800100000000726573742e6e7079504b01022d032d000000080000002100d2f7465352000000800100000c000000000000000000000080011d0100007365676d656e74732e6e7079504b01022d032d0000000800000021003a05cd8658000000a00000000b00000000000000000000008001ad010000776569676874732e6e7079504b01022d032d000000080000002100c9e158a74c000000a00000000b00000000000000000000008001420200006d617267696e732e6e7079504b01022d032d000000080000002100940eb66258000000800100000800000000000000000000008001cb020000686561742e6e7079504b05060000000005000500180100005d0300000000');
INSERT INTO reading_picture VALUES ('99w34zg3', 2, '\x89504e470d0a1a0a0000000d49484452000000400000004008000000008f022e0200000043494441547801edd5b10d00200845c1e8fe33fb8d214c4063710c60f1c2e1ca99cdce703c9068a0c163640f34b007f5a1b0c0020b2c540116586081852ee01efc710f2ebf6af122b0e1f4720000000049454e44ae426082', '\x89504e470d0a1a0a0000000d4948445200000040000000401000000000df92f24100000251494441547801c5983f2845511cc7dfb7f78a24519441512489a20c8a22491465784591248a32bcc1a018248b3218944526b65706328841bd41512489a20c0683c1603018bcdbbdbaf7bdfbe7fcce39bfd3eb2df79ef3fd7d7ebfcf6fb8c3432c168b17f287f8067f7b4828a1a8987f0019224ab664e2a2ac8cbbcd4259b9086af61e153b3c0de4dd9d0d5455f30ca04a41f59e6aa95ba76a6f115053e7820af184da039db63aee765fd437e90ca05f8bc6b41a44dfddd940739bda005c55683d914771d95b9dd1de293f0067053ace65709cee765f74f6ca0cc09f45578606e5777736d033481bc044ca9242df8d186dcadeea8c8151f100fc095709430f5178371895d2b9c3c8b84eb97c6dbe12465f8221f9c1e094fe2992d3fa102a21480a63effef2a0a03fc5738289791e5034255c09539fded2f0a037c5f98c991427cecf122961eedb2e1205fd689e132c2cf380822814292cfe66bfc7d96f72a17e48ad99684d57c252c2c400746682fb0f0ababb3d24564ae9d39a48b26e40d6de12c27aa5092f3a9369032aeef690d8aca14f6b22a9bd0175776703db0d26bce84cad0de8da5b6362b7853ead89a4e20638dc6d1dec7798f0a233a537c0e7ee6ce0b09b3ead89a4d406b8ed2d21a4fb4d78519988e3e88a1236e16ef7c5f1306500feccbf124eefa2e1ffc1e894fa2dce92eac5aa955e295c3c8563bcc1f094de0d2e27f50072d57e2564de8210fe60508ae30c57b31c1831234c09d71fb9c561c1dc14df1b6e17f96061a42829dc7fb965514137c5fb84c7255e602e4dac84e71fab441ccc05f3bde175950fe6255195fe00f74b6574af24ac180000000049454e44ae426082', '{"sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "colour": 0.0, "notes": [], "tags": {"age_years": null, "view": null, "body_part": null, "modality": null}, "spacing_mm": [0.2, 0.2], "windows": [{"name": "as stored", "low": 0.0, "high": 60000.0}]}', '\x504b03042d000000080000002100858021eaffffffffffffffff08001400726573742e6e7079010010007801000000000000e3000000000000009d90b14e03310c86cbca53445902d251b5470ba50fc0c6898581a9ca5ddc6b245f72721c2454fa14bc30719858c9e4fff3efdf56bebbb797d7f7abc5c7e26c1ca481cc5e99afbc368d32c7484c361c223910fe6c3141e1e9646728faa6ddec9adb465dd4bfdff5594fc0a7e8f45e69f413e84669ca41a4bd93a268b6340217b42e2207cfd51c47159d4b62f081810698a5d1d9ae900420911b29ed342324195fb5dbda1b27086cd9c7ba27a11f24e5e81145f798e9573b40cf9f076a0b5e2d770f32ccb6f7422b7a7aac79cc58d731e5f23f7aa6d8ff71dd57d71083ab672cdbede507504b03042d000000080000002100d2f74653ffffffffffffffff0c0014007365676d656e74732e6e707901001000800100000000000052000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a163a0a169a3a0ab50a64032e060a012385988942cc4c210600504b03042d0000000800000021003a05cd86ffffffffffffffff0b001400776569676874732e6e707901001000a00000000000000058000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a263a9a3a0ab50a14002e063078600fa12fec678082a9d7d45e70eb09da0100504b03042d000000080000002100c9e158a7ffffffffffffffff0b0014006d617267696e732e6e707901001000a0000000000000004c000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a263a9a3a0ab50a1400ae59334160a73d2e1a00504b03042d000000080000002100940eb662ffffffffffffffff08001400686561742e6e707901001000800100000000000058000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a163a0a169a3a0ab50a64032e0606067bca70c33eca306520bea0d380120c00504b01022d032d000000080000002100858021eae300000078010000080000000000000000000000800100000000726573742e6e7079504b01022d032d000000080000002100d2f7465352000000800100000c000000000000000000000080011d0100007365676d656e74732e6e7079504b01022d032d0000000800000021003a05cd8658000000a00000000b00000000000000000000008001ad010000776569676874732e6e7079504b01022d032d000000080000002100c9e158a74c000000a00000000b00000000000000000000008001420200006d617267696e732e6e7079504b01022d032d000000080000002100940eb66258000000800100000800000000000000000000008001cb020000686561742e6e7079504b05060000000005000500180100005d0300000000');
INSERT INTO reading_picture VALUES ('mqmnwbhk', 1, '\x89504e470d0a1a0a0000000d49484452000000400000004008000000008f022e0200000047494441547801edd5b115002008c450cffd875670042c3fbd16792164ede164387bf83e3e080657221e60502de101063c28023cc0a035d044bbd022b88d9aa8899af8087cd885030fb810be41dcaac20000000049454e44ae426082', NULL, '{"sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "colour": 0.0, "notes": ["A note."], "tags": null, "spacing_mm": null, "windows": []}', NULL);

INSERT INTO reading_seat VALUES ('99w34zg3', 'anna', 1, '8555f044469d3b3a', '5e2eecacd67db2a4b766df86bcb563d65fc03e1ee705060b');
INSERT INTO reading_seat VALUES ('99w34zg3', 'bert', 2, '14bb352ebd4112c8', 'd041dc958d500fec10afea8ee8e8a3e606faea157580b25c');
INSERT INTO reading_seat VALUES ('99w34zg3', 'owner', 0, '1bd21315a6c0aefb', 'e151bb6500a479d7098d6bdcb6e8b443701c14e3040af4df');
INSERT INTO reading_seat VALUES ('mqmnwbhk', 'anna', 1, '25de9bb5d2923c93', 'cc890b1078aedbb1dddbe86bbc6bed436463b8a2801b7597');
INSERT INTO reading_seat VALUES ('mqmnwbhk', 'owner', 0, 'be326fab33c6f7e0', '69f0b1a12c12fae3244c9b05f475bbc3a20684a3bbe959a5');

INSERT INTO reading_study VALUES ('99w34zg3', '2026-01-02T08:00:00+00:00', '{"title": "A drawn study", "run": "a-run", "run_sha256": "abababababababababababababababababababababababababababababababab", "operating_point": "balanced", "threshold": 0.5, "passes": [{"arm": "overlay", "order": "read-then-reveal", "cases": null}, {"arm": "none", "order": "read-then-reveal", "cases": 1}], "washout_days": 0.0, "seed": 7, "scale": 5, "findings": ["effusion", "opacity"], "regions": true, "quality": true, "method": "lime", "segments": "slic", "fill": "blur", "explanation_seed": 0}');
INSERT INTO reading_study VALUES ('9ecbwh6h', '2026-01-02T08:24:00+00:00', '{"title": "Deleted", "run": "a-run", "run_sha256": "abababababababababababababababababababababababababababababababab", "operating_point": "balanced", "threshold": 0.5, "passes": [{"arm": "none", "order": "read-then-reveal", "cases": null}], "washout_days": 0.0, "seed": 0, "scale": 5, "findings": [], "regions": true, "quality": false, "method": "lime", "segments": "slic", "fill": "blur", "explanation_seed": 0}');
INSERT INTO reading_study VALUES ('mqmnwbhk', '2026-01-02T08:22:00+00:00', '{"title": "Closed", "run": "a-run", "run_sha256": "abababababababababababababababababababababababababababababababab", "operating_point": "balanced", "threshold": 0.5, "passes": [{"arm": "none", "order": "read-then-reveal", "cases": null}], "washout_days": 0.0, "seed": 0, "scale": 5, "findings": [], "regions": true, "quality": false, "method": "lime", "segments": "slic", "fill": "blur", "explanation_seed": 0}');

INSERT INTO reading_version VALUES ('0001');

ALTER TABLE ONLY reading_case
    ADD CONSTRAINT pk_reading_case PRIMARY KEY (study, case_number);

ALTER TABLE ONLY reading_draft
    ADD CONSTRAINT pk_reading_draft PRIMARY KEY (study, reader, pass_number, case_number);

ALTER TABLE ONLY reading_event
    ADD CONSTRAINT pk_reading_event PRIMARY KEY (study, number);

ALTER TABLE ONLY reading_order
    ADD CONSTRAINT pk_reading_order PRIMARY KEY (study, reader, pass_number, "position");

ALTER TABLE ONLY reading_picture
    ADD CONSTRAINT pk_reading_picture PRIMARY KEY (study, case_number);

ALTER TABLE ONLY reading_seat
    ADD CONSTRAINT pk_reading_seat PRIMARY KEY (study, who);

ALTER TABLE ONLY reading_study
    ADD CONSTRAINT pk_reading_study PRIMARY KEY (id);

ALTER TABLE ONLY reading_version
    ADD CONSTRAINT reading_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY reading_case
    ADD CONSTRAINT uq_reading_case_study_sha256 UNIQUE (study, sha256);

ALTER TABLE ONLY reading_event
    ADD CONSTRAINT uq_reading_event_study_who_once UNIQUE (study, who, once);

ALTER TABLE ONLY reading_event
    ADD CONSTRAINT uq_reading_event_study_who_turn UNIQUE (study, who, turn);

ALTER TABLE ONLY reading_event
    ADD CONSTRAINT uq_reading_event_study_who_what_key UNIQUE (study, who, what, key);

ALTER TABLE ONLY reading_order
    ADD CONSTRAINT uq_reading_order_study_reader_pass_number_case_number UNIQUE (study, reader, pass_number, case_number);

ALTER TABLE ONLY reading_seat
    ADD CONSTRAINT uq_reading_seat_selector UNIQUE (selector);

CREATE INDEX ix_reading_event_study_who_pass_number_case_number ON reading_event USING btree (study, who, pass_number, case_number);

CREATE TRIGGER reading_case_kept BEFORE DELETE OR UPDATE ON reading_case FOR EACH ROW EXECUTE FUNCTION reading_refused();

CREATE TRIGGER reading_case_whole BEFORE TRUNCATE ON reading_case FOR EACH STATEMENT EXECUTE FUNCTION reading_refused();

CREATE TRIGGER reading_event_kept BEFORE DELETE OR UPDATE ON reading_event FOR EACH ROW EXECUTE FUNCTION reading_refused();

CREATE TRIGGER reading_event_whole BEFORE TRUNCATE ON reading_event FOR EACH STATEMENT EXECUTE FUNCTION reading_refused();

CREATE TRIGGER reading_order_kept BEFORE DELETE OR UPDATE ON reading_order FOR EACH ROW EXECUTE FUNCTION reading_refused();

CREATE TRIGGER reading_order_whole BEFORE TRUNCATE ON reading_order FOR EACH STATEMENT EXECUTE FUNCTION reading_refused();

CREATE TRIGGER reading_study_kept BEFORE DELETE OR UPDATE ON reading_study FOR EACH ROW EXECUTE FUNCTION reading_refused();

CREATE TRIGGER reading_study_whole BEFORE TRUNCATE ON reading_study FOR EACH STATEMENT EXECUTE FUNCTION reading_refused();

ALTER TABLE ONLY reading_case
    ADD CONSTRAINT fk_reading_case_study FOREIGN KEY (study) REFERENCES reading_study(id);

ALTER TABLE ONLY reading_draft
    ADD CONSTRAINT fk_reading_draft_study_case_number FOREIGN KEY (study, case_number) REFERENCES reading_case(study, case_number);

ALTER TABLE ONLY reading_event
    ADD CONSTRAINT fk_reading_event_study FOREIGN KEY (study) REFERENCES reading_study(id);

ALTER TABLE ONLY reading_order
    ADD CONSTRAINT fk_reading_order_study_case_number FOREIGN KEY (study, case_number) REFERENCES reading_case(study, case_number);

ALTER TABLE ONLY reading_picture
    ADD CONSTRAINT fk_reading_picture_study_case_number FOREIGN KEY (study, case_number) REFERENCES reading_case(study, case_number);

ALTER TABLE ONLY reading_seat
    ADD CONSTRAINT fk_reading_seat_study FOREIGN KEY (study) REFERENCES reading_study(id);
