"""What adapters to authorities share."""
