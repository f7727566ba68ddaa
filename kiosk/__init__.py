"""What a visit is: journeys, pages, identity, receipts, the outbox and its sync. No Kivy, no hardware, no server code."""
