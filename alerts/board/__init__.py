"""The board report in words and pictures: one paper that HTML and PDF both print, so that they say the same.

MonthFacts -> report.compose -> MonthReport -> whole.paper -> Paper -> as_html, as_pdf
"""
