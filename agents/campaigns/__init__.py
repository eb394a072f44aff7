"""Campaign managers: minds that set how a campaign bids, once a period, from a report; and bid landscapes."""
