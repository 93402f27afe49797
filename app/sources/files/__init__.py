"""Files of rows on this machine, read piece by piece so that they may be larger than memory."""

from app.sources.files.joining import joined
from app.sources.files.opening import FORMATS, Piece, Source, open_file, unpacked

__all__ = ["FORMATS", "Piece", "Source", "joined", "open_file", "unpacked"]
