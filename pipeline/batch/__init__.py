"""Any number of pictures judged at once: on all cores of this machine, or on a Ray cluster.

`listing` says which pictures, `judging` what becomes of one, `parts` keeps what is finished so that
a kill costs little; `local` and `cluster` are the two engines, `running` the whole way, and
`results` opens what came out.
"""
