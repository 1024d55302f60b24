#!/usr/bin/env bash
# promise: dev test closes with the line `N passed, N failed`, which counts each promise
# promise: dev test counts a program that dies without a word as one failure
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"
source "$source_dir/cmake/dev/build.sh"

cat >"$scratch/log" <<'END'
1/6 Testing: test_all_well
1/6 Test: test_all_well
All tests passed (14 assertions in 5 test cases)
Test Passed.
2/6 Testing: test_some_bad
test cases: 4 | 3 passed | 1 failed
assertions: 9 | 8 passed | 1 failed
Test Failed.
3/6 Testing: test_killed
Segmentation fault
Test Failed.
4/6 Testing: tidy_tree
120 files keep 14 rules
Test Passed.
5/6 Testing: test_bad_exit
All tests passed (1 assertion in 1 test case)
==1==ERROR: LeakSanitizer: detected memory leaks
Test Failed.
6/6 Testing: test_one_good
All tests passed (1 assertion in 1 test case)
Test Passed.
END
try count_tests "$scratch/log"
expect_status 1
expect_text "11 passed, 3 failed"

grep -v -e Failed -e failed "$scratch/log" >"$scratch/good"
try count_tests "$scratch/good"
expect_status 0
