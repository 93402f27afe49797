"""What pages cost a browser and the service."""
