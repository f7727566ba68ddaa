"""The central API: takes the kiosks' records, answers their questions, hands matters to the authorities."""
