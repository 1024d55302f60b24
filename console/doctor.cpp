#include "console/doctor.hpp"

#include <filesystem>
#include <set>

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <fmt/format.h>

#include "console/last_backup.hpp"
#include "runtime/digest.hpp"
#include "runtime/journal/derived.hpp"
#include "runtime/journal/head.hpp"
#include "runtime/journal/lock.hpp"
#include "runtime/journal/seal.hpp"
#include "runtime/schedule.hpp"
#include "runtime/visible_text.hpp"

namespace steward {
namespace {

using state = symptom::state;

constexpr std::uint64_t disk_low = 500u << 20;   // A year of a busy company's journal; below it the next backup may not fit.
constexpr std::uint64_t disk_empty = 50u << 20;  // A few checkpoints of the log.

std::string said(const error& e) { return visible_text(to_sentence(e)); }

symptom manifests(invocation& s) {
  const auto made = s.company();
  if (!made) return {state::bad, "manifests", said(made.error()), "steward init"};
  const auto& found = (*made)->found;
  if (!found.empty()) return {state::bad, "manifests", fmt::format("{} errors; the first: {}", found.size(), said(found.front())), "steward check"};
  return {state::good, "manifests", fmt::format("{} roles and {} workflows fit together", (*made)->parts.manifests.roles.size(), (*made)->parts.manifests.workflows.size()), ""};
}

symptom engine_there(invocation& s, const std::string& folder) {
  const int holder = process_lock::holder(folder + "/lock");
  if (holder == 0) return {state::note, "engine", "none is running", "steward up"};
  if (s.engine_runs()) return {state::good, "engine", fmt::format("process {} runs and answers", holder), ""};
  return {state::bad, "engine", fmt::format("process {} holds the lock but does not answer", holder), fmt::format("Wait a moment; if it stays so, 'kill {}' ends it, and 'steward up' goes on", holder)};
}

symptom socket_safe(const std::string& folder) {
  struct stat about {};
  const auto path = folder + "/steward.sock";
  if (::stat(path.c_str(), &about) != 0) return {state::good, "socket", "none, because no engine runs", ""};
  if ((about.st_mode & 0777) != 0600) return {state::bad, "socket", fmt::format("others may open it: its mode is {:o}", about.st_mode & 0777), "chmod 600 " + path};
  return {state::good, "socket", "only you can open it", ""};
}

symptom state_folder_safe(const std::string& folder) {
  struct stat about {};
  if (::stat(folder.c_str(), &about) != 0) return {state::note, "state folder", "nothing has happened here yet", ""};
  if ((about.st_mode & 0077) != 0) return {state::bad, "state folder", fmt::format("others may look into it: its mode is {:o}", about.st_mode & 0777), "chmod 700 " + folder};
  return {state::good, "state folder", "only you can look into it", ""};
}

symptom disk_space(const std::string& folder) {
  struct statvfs about {};
  if (::statvfs(folder.c_str(), &about) != 0) return {state::note, "disk", "its free space can't be told", ""};
  const auto free = std::uint64_t(about.f_bavail) * about.f_frsize;
  const auto text = fmt::format("{} MB are free", free >> 20);
  if (free < disk_empty) return {state::bad, "disk", text, "Make room: a full disk ends the engine"};
  if (free < disk_low) return {state::note, "disk", text, "Make room soon"};
  return {state::good, "disk", text, ""};
}

symptom clock_sane(invocation& s, std::optional<time_point> last) {
  const auto now = s.now();
  if (last && *last > now + std::chrono::minutes{1})
    return {state::bad, "clock", "it shows " + to_text(now) + ", but the last event is of " + to_text(*last), "Set the clock (timedatectl); until then new events carry the time of the last one"};
  if (now < time_point{std::chrono::hours{24 * 365 * 50}}) return {state::bad, "clock", "it shows " + to_text(now), "Set the clock (timedatectl)"};
  return {state::good, "clock", "it shows " + to_text(now).substr(0, 19) + "Z", ""};
}

symptom zones_known(invocation& s) {
  const auto made = s.company();
  const auto zone = made ? (*made)->parts.manifests.company.zone : "UTC";
  try {
    return {state::good, "time zone", "in " + zone + " it is " + to_local_text(zone, s.now()).substr(0, 16), ""};
  } catch (const std::exception& e) {
    return {state::bad, "time zone", zone + " is not known: " + e.what(), "sudo apt install tzdata, or mend 'zone' in company.yaml"};
  }
}

constexpr auto backup_old = std::chrono::hours{24 * 7};  // A week: what one person can remember and do again by hand.

symptom backup_recent(invocation& s, const std::string& folder, std::int64_t last) {
  const auto made = read_last_backup(folder);
  if (!made) return {last > 0 ? state::note : state::good, "backup", "there is none yet", last > 0 ? "steward backup" : ""};
  const auto behind = last - made->label.events;
  const auto text = fmt::format("the last one is of {}Z, {} events ago, in {}", to_text(made->label.made_at).substr(0, 19), behind, visible_line(made->folder));
  if (behind < 0) return {state::note, "backup", "the last one holds more than the journal does", "steward backup"};
  if (!make_system_disk()->exists(made->folder + "/backup.json")) return {state::note, "backup", text + "; it is not there any more (or its disk is not)", "steward backup"};
  if (behind > 0 && s.now() - made->label.made_at > backup_old) return {state::note, "backup", text, "steward backup"};
  return {state::good, "backup", text, ""};
}

/// No journal: a new company, or one that has lost it.
symptom journal_gone(const std::string& folder) {
  const auto written = last_written_in(folder);
  if (written == 0) return {state::good, "journal", "nothing has happened here yet", ""};
  return {state::bad, "journal", fmt::format("it is gone, and event {} was there already", written), "steward restore BACKUP; 'steward explain journal_tail_missing' says more"};
}

symptom salt_there(const std::string& folder) {
  const auto salt = make_system_disk()->read(folder + "/salt");
  if (salt && salt->size() >= 32) return {state::good, "salt", "it is there; effect keys are this company's own", ""};
  return {state::bad, "salt", salt ? "it is too short to be one" : "it is not there: open effects would get other keys than they left with", "Copy 'salt' from the last backup into " + folder};
}

symptom keys_safe(const std::string& folder) {
  const auto keys = folder + "/keys";
  const auto files = make_system_disk();
  struct stat about {};
  if (::stat(keys.c_str(), &about) != 0) return {state::good, "keys", "no personal field has been sealed yet", ""};
  if ((about.st_mode & 0077) != 0) return {state::bad, "keys", fmt::format("others may look into the folder: its mode is {:o}", about.st_mode & 0777), "chmod 700 " + keys};
  std::size_t count = 0;
  for (const auto& name : files->list(keys)) {
    const auto path = keys + "/" + name;
    if (!name.ends_with(".key") || ::stat(path.c_str(), &about) != 0) continue;
    ++count;
    if ((about.st_mode & 0077) != 0) return {state::bad, "keys", fmt::format("others may read {}: its mode is {:o}", name, about.st_mode & 0777), "chmod 600 " + path};
    const auto size = files->size(path);
    if (!size || *size != 32) return {state::bad, "keys", name + " is no key any more: what it sealed can't be read", "Copy it from where you keep the keys"};
  }
  return {state::good, "keys", fmt::format("{} persons have one, and only you can read them", count), ""};
}

/// What was sealed can be opened, unless somebody erased it: a lost key looks like an erasure to everything else.
symptom keys_there(reader& journal, const std::string& folder) {
  const seals keys(folder + "/keys", nullptr);
  std::set<std::string> sealed, erased;
  event_query all;
  all.kind = event::entity_recorded::kind;
  all.limit = SIZE_MAX;
  const auto read = journal.each(all, [&](const record& e) {
    if (!e.header.subject.empty()) sealed.insert(e.header.subject);
    else if (const auto said = parse_json(e.body); said && text_at(*said, "external_id") == erased_text) erased.insert("entity/" + text_at(*said, "entity"));
    return true;
  });
  if (!read) return {state::bad, "keys", said(read.error()), "steward explain " + read.error().code};
  std::string lost;
  std::size_t count = 0;
  for (const auto& subject : sealed)
    if (!erased.contains(subject) && !keys.has_key(subject) && ++count <= 5) lost += (lost.empty() ? "" : ", ") + subject.substr(subject.find('/') + 1);
  if (count == 0) return keys_safe(folder);
  // Who was erased after the backup that is in force now has no key either, and no event that says so.
  if (make_system_disk()->exists(folder + "/keys"))
    return {state::note, "keys", fmt::format("{} sealed records have no key: {}{}", count, lost, count > 5 ? ", …" : ""), "Erased after the backup that was restored? Else copy " + folder + "/keys back"};
  return {state::bad, "keys", fmt::format("{} records are sealed with keys that are gone, and nobody erased them: {}{}", count, lost, count > 5 ? ", …" : ""),
          "Copy " + folder + "/keys back from where you keep it; without it their personal fields stay unreadable"};
}

symptom files_safe(const std::string& folder) {
  std::string open;
  for (const auto* name : {"journal.db", "journal.db-wal", "head", "salt"}) {
    struct stat about {};
    if (::stat((folder + "/" + name).c_str(), &about) == 0 && (about.st_mode & 0077) != 0) open += (open.empty() ? "" : " ") + folder + "/" + name;
  }
  if (open.empty()) return {state::good, "files", "only you can read them", ""};
  return {state::note, "files", "their folder is closed, but they are not", "chmod 600 " + open};
}

/// What is going on, as far as it needs somebody.
void company_well(invocation& s, std::vector<symptom>& all) {
  const auto status = s.ask(boost::json::object{{"do", "view"}, {"view", "status"}}, access::reads);
  if (!status) {
    all.push_back({state::bad, "company", said(status.error()), "steward explain " + status.error().code});
    return;
  }
  const auto names = [&](const char* key) {
    std::string text;
    const auto* found = at_path(*status, key);
    if (found && found->is_object())
      for (const auto& pair : found->get_object()) text += (text.empty() ? "" : ", ") + std::string(pair.key());
    if (found && found->is_array())
      for (const auto& one : found->get_array()) text += (text.empty() ? "" : ", ") + (one.is_string() ? std::string(one.get_string()) : text_at(one, "name") + " is " + text_at(one, "state"));
    return text;
  };
  const auto doubt = names("in_doubt");
  all.push_back(doubt.empty() ? symptom{state::good, "effects", "none is in doubt", ""} : symptom{state::bad, "effects", "nobody knows whether these happened: " + doubt, "steward inbox"});
  const auto stopped = names("stopped_roles");
  if (!stopped.empty()) all.push_back({state::bad, "roles", "stopped after too many faults: " + stopped, "steward inbox, then steward resume role NAME"});
  if (const auto paused = names("paused"); !paused.empty()) all.push_back({state::note, "pauses", "paused: " + paused, "steward resume"});
  std::string open;
  const auto* breakers = at_path(*status, "breakers");
  if (breakers && breakers->is_array())
    for (const auto& b : breakers->get_array())
      if (text_at(b, "state") != "closed") open += (open.empty() ? "" : "; ") + text_at(b, "sentence");
  if (!open.empty()) all.push_back({state::note, "breakers", open, "It is tried again by itself"});
  const auto runs = s.ask(boost::json::object{{"do", "view"}, {"view", "runs"}}, access::reads);
  std::string stuck;
  std::size_t count = 0;
  if (runs && runs->is_array())
    for (const auto& r : runs->get_array()) {
      ++count;
      if (text_at(r, "step_state") == "stuck") stuck += (stuck.empty() ? "" : ", ") + text_at(r, "run");
    }
  all.push_back(stuck.empty() ? symptom{state::good, "runs", fmt::format("{} open, none stuck", count), ""} : symptom{state::bad, "runs", "stuck: " + stuck, "steward inbox"});
}

}  // namespace

std::vector<symptom> examine(invocation& s, bool with_chain) {
  std::vector<symptom> all;
  const auto workspace = s.workspace();
  if (!workspace) return {{state::bad, "workspace", said(workspace.error()), "steward init"}};
  const auto folder = state_folder(*workspace);
  all.push_back({state::good, "workspace", *workspace, ""});
  all.push_back(manifests(s));
  all.push_back(zones_known(s));
  all.push_back(state_folder_safe(folder));
  all.push_back(disk_space(*workspace));
  all.push_back(engine_there(s, folder));
  all.push_back(socket_safe(folder));

  std::optional<time_point> last_time;
  auto source = s.journal();
  if (!source && source.error().code == "journal_not_found") {
    all.push_back(journal_gone(folder));
    all.push_back(clock_sane(s, {}));
    return all;
  }
  if (!source) {
    all.push_back({state::bad, "journal", said(source.error()), "steward explain " + source.error().code});
    return all;
  }
  const auto head = (*source)->last();
  if (!head) {
    all.push_back({state::bad, "journal", said(head.error()), "steward explain " + head.error().code});
    return all;
  }
  all.push_back({state::good, "journal", fmt::format("it opens and ends with event {}", head->seq), ""});
  if (with_chain) {
    const auto whole = (*source)->check_structure();
    all.push_back(whole ? symptom{state::good, "journal file", "every page, row and index entry is in its place", ""}
                        : symptom{state::bad, "journal file", said(whole.error()), "steward restore BACKUP --replace; where only an index is named, 'steward backup' makes a copy whose indexes are whole"});
    const auto verified = (*source)->verify();
    all.push_back(verified ? symptom{state::good, "chain", fmt::format("all {} events are those that were appended", verified->seq), ""}
                           : symptom{state::bad, "chain", said(verified.error()), "steward restore BACKUP --replace; 'steward explain " + verified.error().code + "' says more"});
  }
  const auto slots = make_system_disk()->exists(folder + "/head") ? head_file::open(folder + "/head") : result<head_file>(error{"journal_head_missing", folder + "/head", "it is not there"});
  if (!slots) {
    all.push_back({state::bad, "head", said(slots.error()), "steward explain " + slots.error().code});
  } else if (const auto written = slots->read(); !written) {
    all.push_back({state::bad, "head", "both of its slots are unreadable", "steward explain journal_head_missing"});
  } else if (written->seq > head->seq) {
    all.push_back({state::bad, "head", fmt::format("event {} was there already, but the journal ends with {}", written->seq, head->seq), "steward explain journal_tail_missing"});
  } else {
    const auto there = (*source)->head_at(written->seq);
    const bool same = there && there->chain == written->chain;
    all.push_back(same ? symptom{state::good, "head", fmt::format("it agrees with the journal at event {}", written->seq), ""}
                       : symptom{state::bad, "head", fmt::format("it names another event {} than the journal holds", written->seq), "steward explain journal_chain_broken"});
  }
  if (head->seq > 0)
    if (const auto event = (*source)->at(head->seq)) last_time = event->header.time;
  all.push_back(make_system_disk()->exists(folder + "/derived.db") ? symptom{state::good, "derived.db", "it is there; it may be deleted at any time and is derived again", ""}
                                                                   : symptom{state::good, "derived.db", "it is not there; it is derived at the next start", ""});
  all.push_back(salt_there(folder));
  all.push_back(with_chain ? keys_there(**source, folder) : keys_safe(folder));
  all.push_back(files_safe(folder));
  all.push_back(backup_recent(s, folder, head->seq));
  all.push_back(clock_sane(s, last_time));
  company_well(s, all);
  return all;
}

}  // namespace steward
