"""Mail, as it comes and as it goes."""
