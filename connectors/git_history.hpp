/// A repository's commits between two moments, newest first, with what they changed; bounded whatever the repository is.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/described.hpp"

namespace steward {

struct git_question {
  std::optional<time_point> since;
  std::optional<time_point> until;
  std::optional<std::int64_t> limit;  // default 50, at most 500
  std::vector<std::string> paths;     // files or folders; empty: all
};
BOOST_DESCRIBE_STRUCT(git_question, (), (since, until, limit, paths))

struct git_commit_entry {
  std::string id;       // 40 hexadecimal digits
  std::string short_;   // the shortest that is unique in the repository
  std::string author;
  time_point when;      // when it was committed, as `git log --since` counts
  std::string subject;
  std::string body;
  bool merge = false;
  std::int64_t files_changed = 0;           // against its parent; 0 for a merge, whose changes its commits carry
  std::optional<std::int64_t> insertions;   // lines; absent when the commit is too large to count
  std::optional<std::int64_t> deletions;
};
BOOST_DESCRIBE_STRUCT(git_commit_entry, (), (id, short_, author, when, subject, body, merge, files_changed, insertions, deletions))

struct git_log {
  std::vector<git_commit_entry> commits;  // newest first, at most `limit`
  std::string branch;                     // "main", or "" when HEAD is detached
  std::int64_t total = 0;                 // commits that fit the question
  bool complete = true;                   // false: the history is longer than what was walked
};
BOOST_DESCRIBE_STRUCT(git_log, (), (commits, branch, total, complete))

inline constexpr std::int64_t git_limit = 500;

/// Errors: no_repository, repository_unreadable.
result<git_log> read_git_log(const std::string& repository, const git_question& asked);

}  // namespace steward
