"""What people declare: models, versions, references, segments, monitors."""
