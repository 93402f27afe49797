"""Object storage: S3 and what speaks it, GCS, Azure, local folders; read, never written."""

from app.sources.objects.buckets import Buckets
from app.sources.objects.opening import Opener
from app.sources.objects.places import Kinds
from app.sources.objects.shapes import FORMATS

__all__ = ["FORMATS", "Buckets", "Kinds", "Opener"]
