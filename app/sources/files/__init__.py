"""Files of rows on this machine, read piece by piece so that they may be larger than memory."""

from app.sources.files.opening import FORMATS, Piece, Source, open_file, unpacked

__all__ = ["FORMATS", "Piece", "Source", "open_file", "unpacked"]
