/// What the journal's tests share: a folder that goes away, a small closed list of kinds, drafts in a line.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/journal/journal.hpp"
#include "runtime/journal/reader.hpp"
#include "tests/support/catch.hpp"

namespace steward {

struct journal_folder {
  journal_folder() {
    const char* base = std::getenv("TMPDIR");
    std::string name = std::string(base ? base : "/tmp") + "/steward-journal-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~journal_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  journal_folder(const journal_folder&) = delete;
  std::string file(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

/// Two kinds, version 1: note_taken {text} and lead_arrived {address, name}.
inline event_kinds test_kinds() { return event_kinds().add("note_taken", 1).add("lead_arrived", 1); }

inline draft note(std::string text, std::string stream = "run-1", std::string key = {}) {
  draft d;
  d.header.stream = std::move(stream);
  d.header.kind = "note_taken";
  d.header.actor = "role/editor";
  d.header.correlation = "run-1";
  d.header.time = time_point{std::chrono::seconds(1'800'000'000)};
  d.header.key = std::move(key);
  d.body = "{\"text\":\"" + text + "\"}";
  return d;
}

/// Everything a journal needs, with time and chance in the test's hand.
struct journal_bench {
  event_kinds kinds = test_kinds();
  manual_clock now;
  std::unique_ptr<random_source> random = make_seeded_random(1);
  journal_folder folder;
  std::unique_ptr<journal> open(journal_options options = {}) {
    options.folder = folder.path;
    auto opened = journal::open(std::move(options), kinds, now, *random);
    REQUIRE(opened);
    return std::move(*opened);
  }
  error open_error() {
    journal_options options;
    options.folder = folder.path;
    auto opened = journal::open(std::move(options), kinds, now, *random);
    REQUIRE(!opened);
    return opened.error();
  }
  std::unique_ptr<reader> read(reader_options options = {}) {
    options.folder = folder.path;
    auto opened = reader::open(std::move(options), kinds);
    REQUIRE(opened);
    return std::move(*opened);
  }
};

/// Changes the byte at the first place where `from` stands in the file.
inline void overwrite_in_file(const std::string& path, const std::string& from, const std::string& to) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto at = bytes.find(from);
  REQUIRE(at != bytes.npos);
  file.clear();
  file.seekp(std::streamoff(at));
  file << to;
  REQUIRE(file.good());
}

}  // namespace steward
