#include "config/workspace.hpp"

#include <charconv>

#include "runtime/plain_day.hpp"
#include "runtime/schedule.hpp"

namespace steward {
namespace {

/// What a model without weights does with a prompt.
enum class prompt_task { draft, summarize, classify };
BOOST_DESCRIBE_ENUM(prompt_task, draft, summarize, classify)

/// The front matter of a prompt.
struct prompt_head {
  prompt_task task = prompt_task::draft;
};
BOOST_DESCRIBE_STRUCT(prompt_head, (), (task))

/// A name that commands, events and expressions can carry without quotes.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos;
}

std::string as_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && !name.empty())) name += c;
    else if (c >= 'A' && c <= 'Z') name += char(c + 32);
    else if (!name.empty() && name.back() != '_') name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

constexpr std::string_view table_suffix = ".test.yaml";

std::string_view stem(std::string_view file) { return file.substr(0, file.rfind('.')); }

class loader {
public:
  loader(disk& files, std::string folder, std::string policies) : files_(files), other_policies_(std::move(policies)) { out_.value.folder = std::move(folder); }

  loaded_workspace run() {
    auto& w = out_.value;
    if (!files_.exists(path("company.yaml"))) {
      out_.found.push_back({"no_workspace", w.folder.empty() ? "." : w.folder, "there is no company.yaml here", "the folder of a workspace", "Make one with 'steward init', or go to yours"});
      return std::move(out_);
    }
    if (const auto text = read("company.yaml")) {
      const auto before = out_.found.size();
      if (const auto document = parse("company.yaml", *text)) {
        if (out_.found.size() == before) read_yaml(document->root(), w.company, out_.found);
        w.sources["company"] = document;
      }
      if (out_.found.size() != before) w.broken.insert("company");
    } else w.broken.insert("company");
    for (auto& [name, settings] : w.company.connectors)
      if (settings.is_null()) settings.emplace_object();  // `mailbox:` alone switches a connector on
    schemas();
    prompts();
    manifests("roles", "role", w.roles);
    manifests("workflows", "workflow", w.workflows);
    manifests("entities", "entity", w.entities);
    const bool other_rules = !other_policies_.empty() && files_.is_folder(other_policies_);
    if (!other_rules) manifests("policies", "name", w.policies);
    if (other_policies_.empty()) policy_tables();
    else what_if(other_rules);
    for (auto& [name, policy] : w.policies)  // a day without a time begins at 0:00 where the company is
      if (const auto source = w.sources.find("policies/" + name); policy.until && source != w.sources.end())
        if (const auto day = parse_day(source->second->root().at("until").node().text)) policy.until = day_start(w.company.zone, *day);
    for (auto& [name, role] : w.roles)
      if (role.settings.is_null()) role.settings.emplace_object();
    for (auto& [name, workflow] : w.workflows)
      if (workflow.input)
        if (const auto schema = w.schemas.find(*workflow.input); schema != w.schemas.end()) workflow.input_schema = schema->second;
    for (auto& [name, workflow] : w.workflows)
      for (auto& [constant, value] : workflow.constants)
        if (value.is_string() && std::string_view(value.get_string()).find("${") != std::string_view::npos) borrow(name, constant, value);
    for (const auto* folder : {"role", "workflow", "entity", "prompt", "schema", "policy"}) misnamed(folder);
    sort_errors(out_.found);
    return std::move(out_);
  }

private:
  /// A constant that stands in company.yaml already: "${connectors.site.base_url}". What two files must agree on, one says.
  void borrow(const std::string& workflow, const std::string& constant, json& value) {
    auto& w = out_.value;
    const std::string text(value.get_string());
    const auto refuse = [&](std::string found, std::string expected, std::string advice) {
      const auto root = w.sources.at("workflows/" + workflow)->root();
      out_.found.push_back({"unknown_name", root.at("constants").at(constant).where(), std::move(found), std::move(expected), std::move(advice)});
      w.broken.insert("workflows/" + workflow);
    };
    constexpr std::string_view begins = "${connectors.";
    const auto dot = text.find('.', begins.size());
    if (!text.starts_with(begins) || dot == std::string::npos || text.find('}') != text.size() - 1)
      return refuse("'" + text + "' is no constant", "a value, or the setting of a connector: ${connectors.site.base_url}", "What changes from run to run belongs in 'input', or in a step's 'with'");
    if (!w.is_whole("company")) return;  // company.yaml has an error of its own
    const auto connector = text.substr(begins.size(), dot - begins.size()), setting = text.substr(dot + 1, text.size() - dot - 2);
    const auto known = w.company.connectors.find(connector);
    const auto* found = known == w.company.connectors.end() ? nullptr : at_path(known->second, setting);
    if (!found) return refuse("company.yaml says nothing of " + connector + "." + setting, "the setting '" + setting + "' of the connector '" + connector + "'", "Add it to 'connectors' in company.yaml");
    value = json(*found);
  }

  std::string path(std::string_view relative) const { return out_.value.folder.empty() ? std::string(relative) : out_.value.folder + "/" + std::string(relative); }

  std::optional<std::string> read(const std::string& relative) {
    auto text = files_.read(path(relative));
    if (text) return std::move(*text);
    auto e = text.error();
    e.where = relative;
    out_.found.push_back(std::move(e));
    return {};
  }

  std::shared_ptr<const yaml_document> parse(const std::string& relative, std::string text) {
    const auto before = out_.found.size();
    auto document = yaml_document::parse(relative, std::move(text), out_.found);
    if (out_.found.size() == before && document->tree().is == yaml_node::form::nothing) {
      out_.found.push_back({"empty_file", relative, "the file is empty", "a manifest", "Fill it, or remove it"});
    }
    return document;
  }

  /// Names of files below `folder` that end in `suffix`; others that were probably meant to are refused.
  std::vector<std::string> list(const std::string& folder, std::string_view suffix, std::string_view slip) {
    std::vector<std::string> names;
    for (const auto& name : files_.list(path(folder))) {
      if (name.starts_with('.') || name.ends_with('~')) continue;  // what editors leave behind
      if (name.ends_with(suffix)) names.push_back(name);
      else if (name.ends_with(slip))
        out_.found.push_back({"misnamed_file", folder + "/" + name, "the name ends in " + std::string(slip), "a name that ends in " + std::string(suffix),
                              "Rename it to " + std::string(stem(name)) + std::string(suffix)});
    }
    return names;
  }

  void misnamed(const std::string& folder) {
    if (!files_.is_folder(path(folder))) return;
    const std::string right = folder == "entity" ? "entities" : folder == "policy" ? "policies" : folder + "s";
    out_.found.push_back({"misnamed_file", folder, "the folder '" + folder + "' is not read", "the folder '" + right + "'", "Rename it to " + right});
  }

  template <class Definition>
  void manifests(const std::string& folder, std::string_view name_key, std::map<std::string, Definition>& into) {
    for (const auto& file : list(folder, ".yaml", ".yml")) {
      if (folder == "policies" && file.ends_with(table_suffix)) continue;
      if (auto text = read(folder + "/" + file)) manifest(folder, folder + "/" + file, std::move(*text), name_key, into, duplicates::are_refused);
    }
  }

  enum class duplicates { are_refused, take_the_place };

  template <class Definition>
  void manifest(const std::string& folder, const std::string& file, std::string text, std::string_view name_key, std::map<std::string, Definition>& into, duplicates same_name) {
    auto& w = out_.value;
    const auto before = out_.found.size();
    const auto document = parse(file, std::move(text));
    Definition definition{};
    if (out_.found.size() == before) read_yaml(document->root(), definition, out_.found);
    const auto at = document->root().at(name_key);
    // A file that can't be read still stands for its name, so that the others may refer to it without a second error.
    std::string name(stem(std::string_view(file).substr(file.rfind('/') + 1)));
    if (document->root().has(name_key) && at.node().is == yaml_node::form::text) name = at.node().text;
    if (out_.found.size() == before && !is_name(name)) {
      const auto better = as_name(name);
      out_.found.push_back({"bad_name", at.where(), "'" + name + "' is no name", "lower-case letters, digits and _, a letter first, at most 64",
                            is_name(better) ? "Write " + better : ""});
    }
    const auto key = folder + "/" + name;
    if (const auto other = w.sources.find(key); other != w.sources.end() && same_name == duplicates::are_refused) {
      out_.found.push_back({"duplicate_name", at.where(), "the " + std::string(name_key) + " '" + name + "' is already in " + other->second->file(), "a name of its own for each file",
                            "Rename one of them, or remove it"});
      return;
    }
    w.broken.erase(key);
    if (out_.found.size() != before) w.broken.insert(key);
    w.sources[key] = document;
    into[name] = std::move(definition);
  }

  void what_if(bool is_folder) {
    const auto one = [&](const std::string& file) {
      auto text = files_.read(file);
      if (text) return manifest("policies", file, std::move(*text), "name", out_.value.policies, is_folder ? duplicates::are_refused : duplicates::take_the_place);
      out_.found.push_back(text.error());
    };
    if (!is_folder) return one(other_policies_);
    for (const auto& file : files_.list(other_policies_))
      if (file.ends_with(".yaml") && !file.ends_with(table_suffix) && !file.starts_with('.')) one(other_policies_ + "/" + file);
  }

  void policy_tables() {
    auto& w = out_.value;
    for (const auto& file : files_.list(path("policies"))) {
      if (!file.ends_with(table_suffix) || file.starts_with('.')) continue;
      const auto relative = "policies/" + file;
      const auto before = out_.found.size();
      auto text = read(relative);
      if (!text) continue;
      const auto document = parse(relative, std::move(*text));
      auto& table = w.policy_tables[relative];
      if (out_.found.size() == before) read_yaml(document->root(), table, out_.found);
      if (out_.found.size() != before) w.broken.insert(relative);
      w.sources[relative] = document;
    }
  }

  void schemas() {
    for (const auto& file : list("schemas", ".json", ".jsn")) {
      const auto relative = "schemas/" + file;
      auto text = read(relative);
      auto& schema = out_.value.schemas[relative];  // even a broken one is there: its own error is enough
      if (!text) {
        out_.value.broken.insert(relative);
        continue;
      }
      auto value = parse_json(*text);
      if (value) {
        schema = std::move(*value);
        // JSON is nearly YAML: where the YAML reader takes it, an error in the schema gets its line and column.
        errors ignored;
        if (auto document = yaml_document::parse(relative, std::move(*text), ignored); ignored.empty()) out_.value.sources[relative] = std::move(document);
      } else {
        auto e = value.error();
        e.where = relative + (e.where.empty() ? "" : ":" + e.where);
        out_.found.push_back(std::move(e));
        out_.value.broken.insert(relative);
      }
    }
  }

  void prompts() {
    auto& w = out_.value;
    for (const auto& file : list("prompts", ".md", ".txt")) {
      const auto relative = "prompts/" + file;
      const auto name = std::string(stem(file));
      auto text = read(relative);
      auto& p = w.prompts[relative];
      p.name = name;
      if (!text) {
        w.broken.insert(relative);
        continue;
      }
      std::erase(*text, '\r');
      const auto before = out_.found.size();
      const auto end = text->starts_with("---\n") ? text->find("\n---\n", 3) : std::string::npos;
      if (end == std::string::npos) {
        out_.found.push_back({"bad_prompt", relative + ":1:1", text->starts_with("---\n") ? "the front matter is not closed" : "there is no front matter",
                              "the first lines to be ---, task: draft, ---", "task is draft, summarize or classify"});
      } else {
        const auto begins = std::min(text->find_first_not_of('\n', end + 5), text->size());
        p.text = text->substr(begins);
        w.prompt_begins[relative] = int(std::count(text->begin(), text->begin() + std::ptrdiff_t(begins), '\n')) + 1;
        // The YAML reader sees the head alone, but the lines keep their numbers.
        const auto document = parse(relative, text->substr(0, end + 1));
        prompt_head head;
        if (out_.found.size() == before) read_yaml(document->root(), head, out_.found);
        p.task = to_word(head.task);
        w.sources[relative] = document;
        holes(relative, *text, end + 5);
      }
      if (out_.found.size() != before) w.broken.insert(relative);
    }
  }

  /// Each {{ needs its }} and a name between them; each {{#list}} its {{/list}}.
  void holes(const std::string& file, const std::string& text, std::size_t from) {
    const auto where = [&](std::size_t offset) {
      const auto line = std::count(text.begin(), text.begin() + std::ptrdiff_t(offset), '\n') + 1;
      const auto start = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
      return file + ":" + std::to_string(line) + ":" + std::to_string(offset - start + 1);
    };
    std::vector<std::pair<std::string, std::size_t>> sections;
    for (auto open = text.find("{{", from); open != std::string::npos; open = text.find("{{", open + 2)) {
      const auto close = text.find("}}", open);
      const auto line_end = std::min(text.find('\n', open), text.size());
      if (close == std::string::npos || close > line_end) {
        out_.found.push_back({"bad_prompt", where(open), "the hole that opens here is not closed on its line", "{{name}}", ""});
        continue;
      }
      std::string_view name = std::string_view(text).substr(open + 2, close - open - 2);
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (name.empty()) out_.found.push_back({"bad_prompt", where(open), "the hole is empty", "{{name}}", ""});
      else if (name.size() > 1 && name[1] == ' ' && name[0] != '!') out_.found.push_back({"bad_prompt", where(open), "there is a space behind '" + std::string(1, name[0]) + "'", "{{#list}} and {{/list}}", ""});
      else if (name[0] == '#' || name[0] == '^') sections.emplace_back(name.substr(1), open);
      else if (name[0] == '/' && !sections.empty() && sections.back().first == name.substr(1)) sections.pop_back();
      else if (name[0] == '/')
        out_.found.push_back({"bad_prompt", where(open), "{{" + std::string(name) + "}} closes a section that is not open", sections.empty() ? "" : "{{/" + sections.back().first + "}} first", ""});
    }
    for (const auto& [name, open] : sections)
      out_.found.push_back({"bad_prompt", where(open), "the section {{#" + name + "}} is never closed", "{{/" + name + "}} below it", ""});
  }

  disk& files_;
  const std::string other_policies_;
  loaded_workspace out_;
};

}  // namespace

loaded_workspace load_workspace(disk& files, const std::string& folder, const std::string& policies) { return loader(files, folder, policies).run(); }

company_manifests manifests_of(workspace space) {
  return {std::move(space.company), std::move(space.roles), std::move(space.workflows), std::move(space.entities), std::move(space.policies), std::move(space.prompts), std::move(space.schemas)};
}

void sort_errors(errors& e) {
  // "roles/a.yaml:10:3" -> file, 10, 3; what has no numbers comes first in its file.
  const auto key = [](const error& one) {
    std::string_view where = one.where;
    long numbers[2] = {0, 0};
    for (int i = 1; i >= 0; --i) {
      const auto colon = where.rfind(':');
      if (colon == where.npos) break;
      const auto digits = where.substr(colon + 1);
      long value = 0;
      const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (problem != std::errc{} || end != digits.data() + digits.size()) break;
      numbers[i] = value;
      where = where.substr(0, colon);
    }
    return std::tuple(std::string(where), numbers[0], numbers[1]);
  };
  std::stable_sort(e.begin(), e.end(), [&](const error& a, const error& b) { return key(a) < key(b); });
  e.erase(std::unique(e.begin(), e.end()), e.end());
}

}  // namespace steward
