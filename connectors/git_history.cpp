#include "connectors/git_history.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <git2.h>

#include "runtime/visible_text.hpp"

namespace steward {
namespace {

constexpr int walked_max = 50'000;      // commits; some seconds. A week of the busiest repositories has fewer.
constexpr int older_in_a_row_max = 500; // Clocks differ: a commit that looks too old can stand above a young one, 500 of them can't.
constexpr std::size_t counted_files_max = 2'000;   // beyond that the lines of a commit are not counted: it is an import
constexpr std::int64_t counted_bytes_max = 1'000'000;  // of one file
constexpr std::size_t subject_max = 300, body_max = 4'000, author_max = 200;  // bytes

template <class T, void (*Free)(T*)>
struct free_with {
  void operator()(T* p) const { Free(p); }
};
template <class T, void (*Free)(T*)>
using handle = std::unique_ptr<T, free_with<T, Free>>;
using repository_handle = handle<git_repository, git_repository_free>;
using walk_handle = handle<git_revwalk, git_revwalk_free>;
using commit_handle = handle<git_commit, git_commit_free>;
using tree_handle = handle<git_tree, git_tree_free>;
using diff_handle = handle<git_diff, git_diff_free>;
using reference_handle = handle<git_reference, git_reference_free>;

/// libgit2 counts its users; one is enough until the process ends.
void start_libgit2() {
  static const int started = git_libgit2_init();
  (void)started;
}

error unreadable(const std::string& where, const std::string& doing) {
  const auto* last = git_error_last();
  return {"repository_unreadable", where, doing + " failed: " + (last && last->message ? visible_line(front_of(last->message, 300)) : "unknown reason"), "a sound git repository",
          "Look at it with 'git fsck'"};
}

result<repository_handle> open_repository(const std::string& path) {
  start_libgit2();
  git_repository* raw = nullptr;
  // No search upwards: the workspace may lie inside a repository that the company has no business in.
  const int code = git_repository_open_ext(&raw, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  repository_handle repository(raw);
  if (code == 0) return repository;
  if (code == GIT_ENOTFOUND)
    return error{"no_repository", path, "there is no git repository", "a repository", "Set 'repository' of the connector git in connectors.yaml, or make one with 'git init'"};
  if (code == GIT_EOWNER)
    return error{"repository_unreadable", path, "the repository belongs to someone else, and git does not trust it", "a repository of the one who runs Steward",
                 "Run 'git config --global --add safe.directory' with its path, if you trust its owner"};
  return unreadable(path, "opening it");
}

/// Old commits carry an encoding; whatever the bytes are, UTF-8 comes out.
std::string utf8(const char* bytes, const char* encoding) {
  const std::string_view text = bytes ? bytes : "";
  std::string name = encoding ? encoding : "";
  for (auto& c : name) c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  if ((name == "iso-8859-1" || name == "iso8859-1" || name == "latin1" || name == "latin-1") && !is_utf8(text)) {
    std::string out;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80) out += c;
      else out += {char(0xc0 | byte >> 6), char(0x80 | (byte & 0x3f))};
    }
    return cleaned_text(out);
  }
  return cleaned_text(text);
}

void split_message(const std::string& message, git_commit_entry& into) {
  const auto from = std::min(message.find_first_not_of("\n \t"), message.size());
  const auto end = std::min(message.find("\n\n", from), message.size());
  into.subject = front_of(cleaned_line(std::string_view(message).substr(from, end - from)), subject_max);
  auto body = std::string_view(message).substr(std::min(end + 2, message.size()));
  while (!body.empty() && (body.back() == '\n' || body.back() == ' ')) body.remove_suffix(1);
  while (!body.empty() && body.front() == '\n') body.remove_prefix(1);
  into.body = front_of(body, body_max);
}

std::string hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  git_oid_tostr(text, sizeof text, &id);
  return text;
}

/// The entry of `path` in the commit's tree; nullopt: it is not there.
std::optional<std::string> entry_at(const git_commit* commit, const std::string& path) {
  git_tree* raw = nullptr;
  if (git_commit_tree(&raw, commit) != 0) return std::nullopt;
  tree_handle tree(raw);
  git_tree_entry* entry = nullptr;
  if (git_tree_entry_bypath(&entry, tree.get(), path.c_str()) != 0) return std::nullopt;
  auto id = hex(*git_tree_entry_id(entry));
  git_tree_entry_free(entry);
  return id;
}

/// Does the commit change one of the paths against each of its parents? A merge that only brings in what a parent has does not.
bool touches(const git_commit* commit, const std::vector<std::string>& paths) {
  std::vector<commit_handle> parents;
  for (unsigned i = 0; i < git_commit_parentcount(commit); ++i) {
    git_commit* parent = nullptr;
    if (git_commit_parent(&parent, commit, i) == 0) parents.emplace_back(parent);
  }
  for (const auto& path : paths) {
    const auto here = entry_at(commit, path);
    const bool differs = std::all_of(parents.begin(), parents.end(), [&](const auto& parent) { return entry_at(parent.get(), path) != here; });
    if (parents.empty() ? here.has_value() : differs) return true;
  }
  return false;
}

void count_changes(git_repository* repository, const git_commit* commit, git_commit_entry& into) {
  const auto parents = git_commit_parentcount(commit);
  into.merge = parents > 1;
  if (into.merge) {
    into.insertions = into.deletions = 0;
    return;
  }
  tree_handle before, after;
  git_tree* raw = nullptr;
  if (git_commit_tree(&raw, commit) != 0) return;
  after.reset(raw);
  if (parents == 1) {
    git_commit* parent_raw = nullptr;
    if (git_commit_parent(&parent_raw, commit, 0) != 0) return;  // a shallow clone ends here
    const commit_handle parent(parent_raw);
    if (git_commit_tree(&raw, parent.get()) != 0) return;
    before.reset(raw);
  }
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.max_size = counted_bytes_max;
  options.context_lines = 0;
  git_diff* diff_raw = nullptr;
  if (git_diff_tree_to_tree(&diff_raw, repository, before.get(), after.get(), &options) != 0) return;
  const diff_handle diff(diff_raw);
  into.files_changed = std::int64_t(git_diff_num_deltas(diff.get()));
  if (std::size_t(into.files_changed) > counted_files_max) return;
  git_diff_stats* stats = nullptr;
  if (git_diff_get_stats(&stats, diff.get()) != 0) return;
  into.insertions = std::int64_t(git_diff_stats_insertions(stats));
  into.deletions = std::int64_t(git_diff_stats_deletions(stats));
  git_diff_stats_free(stats);
}

git_commit_entry described(git_repository* repository, const git_commit* commit, time_point when) {
  git_commit_entry out;
  out.id = hex(*git_commit_id(commit));
  git_buf name = GIT_BUF_INIT;
  if (git_object_short_id(&name, reinterpret_cast<const git_object*>(commit)) == 0) out.short_.assign(name.ptr, name.size);
  else out.short_ = out.id.substr(0, 10);
  git_buf_dispose(&name);
  const char* encoding = git_commit_message_encoding(commit);
  out.author = front_of(cleaned_line(utf8(git_commit_author(commit)->name, encoding)), author_max);
  out.when = when;
  split_message(utf8(git_commit_message(commit), encoding), out);
  count_changes(repository, commit, out);
  return out;
}

/// "main" from HEAD, also before the first commit; empty when HEAD is detached.
std::string branch_of(git_repository* repository) {
  git_reference* raw = nullptr;
  if (git_reference_lookup(&raw, repository, "HEAD") != 0) return {};
  const reference_handle head(raw);
  if (git_reference_type(head.get()) != GIT_REFERENCE_SYMBOLIC) return {};
  std::string_view target = git_reference_symbolic_target(head.get());
  if (target.starts_with("refs/heads/")) target.remove_prefix(11);
  return cleaned_line(target);
}

}  // namespace

result<git_log> read_git_log(const std::string& repository_path, const git_question& asked) {
  auto opened = open_repository(repository_path);
  if (!opened) return opened.error();
  auto* repository = opened->get();
  git_log out;
  out.branch = branch_of(repository);
  const int empty = git_repository_head_unborn(repository);
  if (empty == 1) return out;
  git_revwalk* raw = nullptr;
  if (git_revwalk_new(&raw, repository) != 0) return unreadable(repository_path, "reading its history");
  const walk_handle walk(raw);
  // By time alone: a topological order would read the whole history before it shows the first commit.
  git_revwalk_sorting(walk.get(), GIT_SORT_TIME);
  if (git_revwalk_push_head(walk.get()) != 0) return unreadable(repository_path, "reading its history");

  const auto limit = std::size_t(std::clamp<std::int64_t>(asked.limit.value_or(50), 1, git_limit));
  int walked = 0, older = 0;
  git_oid id;
  int code = 0;
  while ((code = git_revwalk_next(&id, walk.get())) == 0) {
    if (++walked > walked_max) {
      out.complete = false;
      return out;
    }
    git_commit* commit_raw = nullptr;
    if (git_commit_lookup(&commit_raw, repository, &id) != 0) return unreadable(repository_path, "reading commit " + hex(id));
    const commit_handle commit(commit_raw);
    // A forged time beyond what microseconds can say is no reason to stop; it is merely very late or very early.
    const auto seconds = std::clamp<std::int64_t>(git_commit_time(commit.get()), -62'135'596'800, 253'402'300'799);
    const time_point when{std::chrono::seconds{seconds}};
    if (asked.since && when < *asked.since) {
      if (++older > older_in_a_row_max) return out;
      continue;
    }
    older = 0;
    if (asked.until && when > *asked.until) continue;
    if (!asked.paths.empty() && !touches(commit.get(), asked.paths)) continue;
    ++out.total;
    if (out.commits.size() < limit) out.commits.push_back(described(repository, commit.get(), when));
  }
  if (code != GIT_ITEROVER) return unreadable(repository_path, "reading its history");
  return out;
}

}  // namespace steward
