"""Files of values → a plan that one person makes and another approves.

reading     rows that know where they stood, and what is wrong
cells       a cell → a count, a share or a state
periods     "januari–december 2025" and "jan 2025"
template    the portal's own flat form, read and written
headings    what the columns of an Intygsstatistik export are
exports     an Intygsstatistik export, as it is
files       either of them, by what stands in the file
matching    a name or HSA-id in a file → a unit
checks      what cannot be, and what hardly can
plan        what storing would do, and everything that is wrong
planning    files → a plan, made anew each time it is looked at
ledger      the only one here that knows the table of true values
actions     batches: kept, sent, approved, rejected, undone
"""
