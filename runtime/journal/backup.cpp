#include "runtime/journal/backup.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/journal/head.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/rows.hpp"
#include "runtime/planted.hpp"

namespace steward {
namespace fs = std::filesystem;
namespace {

constexpr const char* copied[] = {"journal.db", "head", "salt", "backup.json"};

error failed(const std::string& path, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return {full ? "disk_full" : "disk_failed", path, std::strerror(number), "", full ? "Free some space, or name a folder on another disk" : ""};
}

error damaged(const std::string& where, std::string found, std::string expected = {}) {
  return {"backup_damaged", where, std::move(found), std::move(expected), "Take another backup; nothing was changed"};
}

result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path, errno);
  return {};
}

result<void> sync_path(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(path, errno);
  const int number = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (number != 0) return failed(path, number);
  return {};
}

/// Readable by its owner only, and on disk.
result<void> settle(const std::string& path) {
  if (::chmod(path.c_str(), 0600) != 0) return failed(path, errno);
  return sync_path(path);
}

result<void> copy_file(const std::string& from, const std::string& to) {
  std::error_code ec;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, ec);
  if (ec) return failed(to, ec.value());
  return settle(to);
}

result<void> write_file(const std::string& path, const std::string& bytes) {
  if (auto r = make_system_disk()->write(path, bytes); !r) return r;
  return settle(path);
}

void remove_folder(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

/// The whole journal of one moment as a file of its own. Made row by row, so that what was erased is not in its free pages.
result<void> copy_journal(const std::string& from, const std::string& to) {
  struct stat info;
  if (::stat(from.c_str(), &info) != 0) return error{"journal_not_found", from, "there is no journal", "a workspace that has run once", "There is nothing to back up yet"};
  try {
    SQLite::Database source(from, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, 2000);
    if (auto r = check_format(source, from); !r) return r;
    SQLite::Statement copy(source, "VACUUM INTO ?");
    copy.bind(1, to);
    copy.exec();
    // What is copied page by page may be damaged page by page: the indexes are made anew from the rows, which the chain vouches for.
    SQLite::Database(to, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, 2000).exec("PRAGMA synchronous = FULL; REINDEX");
  } catch (const SQLite::Exception& e) {
    return from_sqlite(e, "journal", to);
  }
  return settle(to);
}

result<journal_head> end_of(const std::string& path) {
  try {
    SQLite::Database copy(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, 2000);
    return last_of(copy);
  } catch (const SQLite::Exception& e) {
    return from_sqlite(e, "journal", path);
  }
}

/// Fills `part` with the copy, and proves it by restoring it into `part`/trial.
result<backup_label> fill(const backup_order& order, const std::string& part, const event_kinds& kinds, const clock& now, random_source& random) {
  const auto files = make_system_disk();
  if (auto r = copy_journal(order.from + "/journal.db", part + "/journal.db"); !r) return r.error();
  const auto end = end_of(part + "/journal.db");
  if (!end) return end.error();
  // The copy's head is its own end: the original's may be ahead by now.
  if (auto head = head_file::open(part + "/head"); !head) return head.error();
  else if (auto r = head->replace(*end); !r) return r.error();
  const auto salt = files->exists(order.from + "/salt") ? files->read(order.from + "/salt") : result<std::string>(std::string());
  if (!salt) return salt.error();
  if (auto r = write_file(part + "/salt", *salt); !r) return r.error();
  const backup_label label{1, now.now(), end->seq, to_hex(end->chain), hex_digest(*salt), order.version};
  if (auto r = write_file(part + "/backup.json", to_json_text(label) + "\n"); !r) return r.error();

  const auto trial = part + "/trial";
  const auto back = restore_backup(part, trial, false, kinds, now, *files);
  if (!back) return back.error();
  {
    journal_options options;
    options.folder = trial;
    auto opened = journal::open(options, kinds, now, random);
    if (!opened) return opened.error();
    if ((*opened)->last() != *end) return damaged(trial, "the restored journal ends with event " + std::to_string((*opened)->last().seq), "event " + std::to_string(end->seq));
  }
  if (order.prove)
    if (auto r = order.prove(trial); !r) return r.error();
  remove_folder(trial);
  if (auto r = sync_path(part); !r) return r.error();
  return label;
}

/// A folder below `folder`/replaced that is not there yet, named by the time.
std::string place_for_the_old(const std::string& folder, time_point now) {
  std::string name = folder + "/replaced/" + to_text(now).substr(0, 19) + "Z";
  for (auto& c : name)
    if (c == ':') c = '-';
  std::string place = name;
  for (int n = 2; fs::exists(place); ++n) place = name + "-" + std::to_string(n);
  return place;
}

}  // namespace

result<backup_label> back_up(const backup_order& order, const event_kinds& kinds, const clock& now, random_source& random) {
  std::error_code ignored;
  if (fs::exists(order.to, ignored) && !fs::is_empty(order.to, ignored))
    return error{"backup_exists", order.to, "there is something already", "a folder that is not there yet, or an empty one", "Name another folder: a backup replaces nothing"};
  const auto part = order.to + ".part";
  remove_folder(part);
  const auto above = fs::path(order.to).parent_path();
  fs::create_directories(above.empty() ? "." : above, ignored);
  if (auto r = make_folder(part); !r) return r.error();
  auto label = fill(order, part, kinds, now, random);
  if (!label) {
    remove_folder(part);
    return label.error();
  }
  ::rmdir(order.to.c_str());  // where it is there and empty
  if (auto r = make_system_disk()->move(part, order.to); !r) return r.error();
  return label;
}

result<backup_label> check_backup(const std::string& folder, const event_kinds& kinds) {
  const auto files = make_system_disk();
  const auto path = folder + "/backup.json";
  const auto text = files->read(path);
  if (!text) return error{"backup_not_found", path, text.error().found, "the folder that 'steward backup' made", "A backup that was interrupted ends in .part and is none"};
  const auto label = from_json_text<backup_label>(*text);
  if (!label) return damaged(path, to_sentence(label.error()));
  if (label->format > 1)
    return error{"journal_from_the_future", path, "the backup has format " + std::to_string(label->format), "at most 1, which is what this program knows", "Use the newer program that wrote it"};
  if (planted(bug::backup_unchecked)) return *label;
  const auto source = reader::open({.folder = folder, .open_sealed = false, .upgrade = false, .use_index = false}, kinds);
  if (!source) return damaged(folder + "/journal.db", to_sentence(source.error()));
  const auto verified = (*source)->verify();
  if (!verified) return damaged(folder + "/journal.db", to_sentence(verified.error()));
  if (const auto whole = (*source)->check_structure(); !whole) return damaged(folder + "/journal.db", to_sentence(whole.error()));
  if (verified->seq != label->events || to_hex(verified->chain) != label->chain)
    return damaged(folder + "/journal.db", "it ends with event " + std::to_string(verified->seq) + " and chain " + to_hex(verified->chain).substr(0, 16),
                   "event " + std::to_string(label->events) + " and chain " + label->chain.substr(0, 16) + ", as backup.json says");
  if (!files->exists(folder + "/head")) return damaged(folder + "/head", "it is not there");
  const auto head = head_file::open(folder + "/head");
  if (!head) return damaged(folder + "/head", to_sentence(head.error()));
  if (head->read() != *verified && (verified->seq > 0 || head->read())) return damaged(folder + "/head", "it does not name the journal's last event");
  const auto salt = files->read(folder + "/salt");
  if (!salt || hex_digest(*salt) != label->salt) return damaged(folder + "/salt", "it is not the one that backup.json names");
  return *label;
}

result<restored> restore_backup(const std::string& backup, const std::string& folder, bool replace, const event_kinds& kinds, const clock& now, disk& files) {
  if (auto r = check_backup(backup, kinds); !r) return r.error();
  if (auto r = make_folder(folder); !r) return r.error();
  const auto lock = process_lock::take(folder + "/lock");
  if (!lock) return lock.error();
  restored done;
  const bool in_the_way = files.exists(folder + "/journal.db") || files.exists(folder + "/head");
  if (in_the_way && !replace)
    return error{"restore_in_the_way", folder, "there is a journal already", "a workspace without one", "With --replace it is set aside, and the backup takes its place"};

  const auto staged = folder + "/restoring";
  remove_folder(staged);
  if (auto r = make_folder(staged); !r) return r.error();
  for (const auto* name : copied)
    if (auto r = copy_file(backup + "/" + name, staged + "/" + name); !r) return r.error();
  auto label = check_backup(staged, kinds);  // The copy, once it is here: nothing has been replaced yet.
  if (!label) return label.error();
  done.label = std::move(*label);

  if (in_the_way) {
    if (files.exists(folder + "/head"))
      if (const auto old = head_file::open(folder + "/head")) done.replaced = old->read().value_or(journal_head{}).seq;
    done.set_aside = place_for_the_old(folder, now.now());
    if (auto r = make_folder(folder + "/replaced"); !r) return r.error();
    if (auto r = make_folder(done.set_aside); !r) return r.error();
    for (const auto* name : {"head", "salt"})
      if (files.exists(folder + "/" + name))
        if (auto r = files.link(folder + "/" + name, done.set_aside + "/" + name); !r) return r.error();
  }
  for (const auto* name : {"derived.db", "derived.db-wal", "derived.db-shm", "snapshot"})
    if (auto r = files.remove(folder + "/" + name); !r) return r.error();
  // The head goes first: with it a folder without a journal is refused instead of taken for a new company's.
  for (const auto* name : {"head", "salt"})
    if (auto r = files.move(staged + "/" + name, folder + "/" + name); !r) return r.error();
  for (const auto* name : {"journal.db", "journal.db-wal"})
    if (files.exists(folder + "/" + name))
      if (auto r = files.move(folder + "/" + name, done.set_aside + "/" + name); !r) return r.error();
  if (auto r = files.remove(folder + "/journal.db-shm"); !r) return r.error();
  if (auto r = files.move(staged + "/journal.db", folder + "/journal.db"); !r) return r.error();
  remove_folder(staged);
  return done;
}

}  // namespace steward
