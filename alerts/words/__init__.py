"""How everything is put into words: times, counts, clocks, guards, rows and headings of mails and digests."""
