"""Reader studies: who reads which case, in which order, seeing what, and what they said.

`design` says how a study is made, `reading` what a reader said; both are plain values. `store`
keeps them in a database and is the only part that needs SQLAlchemy.
"""
