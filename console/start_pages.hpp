/// What only the start of a process needs need not stay in its memory for weeks.
#pragma once

namespace steward {

/// Unmaps the pages of code and constants that were read from files: of the program and of some fifty libraries, most are needed by the
/// start alone. What is used again is mapped again, from the page cache as a rule. Touches nothing that was written to; never fails.
void let_go_of_start_pages();

}  // namespace steward
