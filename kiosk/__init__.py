"""What a visit is: journeys, pages, identity, receipts, outbox and sync. No Kivy, no hardware, no server code."""
