"""Text: from what people type to what is kept, counted and shown.

`cleaning` is the way in and `markup` the way out. Between them `entities` is the one reader of
links, mentions and hashtags, so that what is counted, linked, notified and listed is always the
same. Text with markup comes in through `rich` (written anew by `writing`) and goes out through
`rich_markup` and `summaries`. All of it takes time in proportion to its input, also when the input
is hostile.
"""
