"""Which models of the catalogue do what for pictures, the best first.

Detectors stand in the order of what their authors publish for COCO's val2017 (YOLOX-S 40.5 AP, PicoDet-S-416 32.5,
FastestDet 13.0); docs/engines.md has what was measured here. The one of FURTHER_DETECTORS is asked beside them.
The two of FACE_DETECTORS have the same weights; the newer is the export that OpenCV 5 is made for.
"""

from __future__ import annotations

from marinelayer.engines.models.shelf import Choice, only

DETECTORS = Choice(names=("YOLOX-S-COCO", "PicoDet-S-416-COCO", "FastestDet-COCO"), default="PicoDet-S-416-COCO")
FURTHER_DETECTORS = only("D-FINE-S-Objects365")
CLASSIFIERS = only("MobileNetV2-ImageNet")
READERS = Choice(names=("PP-OCRv6-medium", "PP-OCRv6-small"), default="PP-OCRv6-small")
READING_CLASSIFIERS = only("CLIP-ViT-B-32")
FACE_DETECTORS = Choice(names=("YuNet", "YuNet-2023mar"), default="YuNet")
FACE_RECOGNISERS = only("SFace")
MODERATORS = only("open_nsfw")
