#include "connectors/local_model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "connectors/local_model_rules.hpp"
#include "connectors/local_model_template.hpp"
#include "connectors/text_rank.hpp"

namespace steward {
namespace {

constexpr std::size_t prompt_max = 64'000;     // bytes; a prompt is read by people too
constexpr std::size_t summary_sentences = 3;   // a card's worth
constexpr std::size_t summary_most = 50;
// Fields that name a thing rather than say something; without holes in the prompt they stay out of a summary.
constexpr std::array names_of_things{"id", "source", "short", "path", "url", "address", "date", "at", "when", "scope", "about", "zone", "message_id"};

error bad_prompt(const std::string& name, int line, std::string found, std::string expected, std::string advice = {}) {
  return {"bad_prompt", fmt::format("{}:{}", name, line), std::move(found), std::move(expected), std::move(advice)};
}
error bad_answer(const std::string& name, std::string found, std::string expected, std::string advice = {}) {
  return {"bad_model_answer", name, std::move(found), std::move(expected), std::move(advice)};
}

/// What the answer's schema asks for, as far as this model looks: the top level's properties.
struct answer_shape {
  bool free = true;  // no schema: {"text": …}
  std::vector<std::string> names;
  std::vector<std::string> required;
  const boost::json::object* properties = nullptr;

  bool has(std::string_view name) const { return std::find(names.begin(), names.end(), name) != names.end(); }
  /// "string" where the schema does not say; the first that is not "null" of several.
  std::string type_of(std::string_view name) const {
    const auto* property = properties ? properties->if_contains(name) : nullptr;
    const auto* type = property && property->is_object() ? property->get_object().if_contains("type") : nullptr;
    if (type && type->is_string()) return std::string(type->get_string());
    if (type && type->is_array())
      for (const auto& one : type->get_array())
        if (one.is_string() && one.get_string() != "null") return std::string(one.get_string());
    return "string";
  }
  /// The characters that a text may have.
  std::size_t longest(std::string_view name) const {
    const auto* property = properties ? properties->if_contains(name) : nullptr;
    const auto* most = property && property->is_object() ? property->get_object().if_contains("maxLength") : nullptr;
    return most && most->is_int64() && most->get_int64() >= 0 ? std::size_t(most->get_int64()) : SIZE_MAX;
  }
  /// The field that a single text belongs to: one of the `usual` names, else the only required text, else none.
  std::string text_field(std::initializer_list<const char*> usual) const {
    for (const char* name : usual)
      if (has(name) && type_of(name) == "string") return name;
    std::string only;
    for (const auto& name : required)
      if (type_of(name) == "string") {
        if (!only.empty()) return {};
        only = name;
      }
    return only;
  }
};

answer_shape shape_of(const json& schema) {
  answer_shape out;
  const auto* object = schema.if_object();
  if (!object || object->empty()) return out;
  out.free = false;
  if (const auto* properties = object->if_contains("properties"); properties && properties->is_object()) {
    out.properties = &properties->get_object();
    for (const auto& pair : *out.properties) out.names.emplace_back(pair.key());
  }
  if (const auto* required = object->if_contains("required"); required && required->is_array())
    for (const auto& name : required->get_array())
      if (name.is_string()) out.required.emplace_back(name.get_string());
  return out;
}

result<void> has_required(const answer_shape& shape, const boost::json::object& answer, const std::string& name) {
  for (const auto& field : shape.required)
    if (!answer.if_contains(field)) return bad_answer(name, "the answer lacks '" + field + "'", "every field that its schema requires");
  return {};
}

// --- draft: a template for each field under its own heading ---

struct field_text {
  std::string field;  // empty: the prompt has no headings, all of it is one text
  int line = 0;       // of the heading
  model_template text;
};

/// "## subject" -> "subject". A heading with capitals or blanks is content: "## What changed".
std::string field_of(std::string_view line) {
  if (!line.starts_with("## ")) return {};
  line.remove_prefix(3);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  const bool plain = !line.empty() && line.front() >= 'a' && line.front() <= 'z' &&
                     std::all_of(line.begin(), line.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  return plain ? std::string(line) : std::string();
}

result<std::vector<field_text>> read_fields(const prompt& asked, int first_line) {
  struct piece {
    std::string field;
    int heading, line;
    std::string_view text;
  };
  std::vector<piece> pieces{{"", first_line, first_line, {}}};
  const std::string_view all = asked.text;
  std::size_t from = 0;
  int line = first_line;
  for (std::size_t at = 0; at <= all.size(); ++line) {
    const auto end = std::min(all.find('\n', at), all.size());
    if (const auto field = field_of(all.substr(at, end - at)); !field.empty()) {
      pieces.back().text = all.substr(from, at - from);
      for (const auto& earlier : pieces)
        if (earlier.field == field) return bad_prompt(asked.name, line, "the field '" + field + "' stands here a second time", "each field once", "If it is a heading of the text itself, begin it with a capital");
      pieces.push_back({field, line, line + 1, {}});
      from = std::min(end + 1, all.size());
    }
    at = end + 1;
  }
  pieces.back().text = all.substr(from);
  // What stands above the first heading speaks to models that read; this one does not.
  if (pieces.size() > 1) pieces.erase(pieces.begin());
  std::vector<field_text> out;
  for (const auto& p : pieces) {
    auto text = model_template::parse(p.text, asked.name, p.line);
    if (!text) return text.error();
    out.push_back({p.field, p.heading, std::move(*text)});
  }
  return out;
}

result<void> fields_fit(const std::vector<field_text>& fields, const answer_shape& shape, const prompt& asked, int first_line) {
  if (shape.free) return {};
  if (fields.size() == 1 && fields[0].field.empty()) {
    if (shape.text_field({"text", "body"}).empty())
      return bad_prompt(asked.name, first_line, "the prompt has no headings, and its answer has several fields", fmt::format("a heading '## field' for each of {}", fmt::join(shape.names, ", ")));
    return {};
  }
  for (const auto& f : fields)
    if (!shape.has(f.field)) {
      const auto near = nearest_name(f.field, shape.names);
      return bad_prompt(asked.name, f.line, "the answer has no field '" + f.field + "'", fmt::format("one of {}", fmt::join(shape.names, ", ")),
                        near.empty() ? "If it is a heading of the text itself, begin it with a capital" : "Did you mean '" + near + "'?");
    }
  for (const auto& name : shape.required)
    if (std::none_of(fields.begin(), fields.end(), [&](const auto& f) { return f.field == name; }))
      return bad_prompt(asked.name, first_line, "no heading '## " + name + "' says how to write that field", "a heading for each field that the answer requires");
  return {};
}

/// Without the empty lines at both ends, which come from the headings around it.
std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  const auto from = text.find_first_not_of(" \n\r");
  return from == text.npos ? std::string() : std::string(text.substr(from));
}

result<json> as_type(const std::string& text, const std::string& type, const std::string& field, const std::string& name) {
  if (type == "string") return json(text);
  if (type == "array") {
    boost::json::array items;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      auto item = trimmed(std::string_view(text).substr(at, end - at));
      at = end + 1;
      if (item.starts_with("- ")) item.erase(0, 2);
      if (!item.empty()) items.emplace_back(item);
    }
    return json(std::move(items));
  }
  auto value = parse_json(text);
  const bool fits = value && (type == "boolean" ? value->is_bool() : type == "integer" ? value->is_int64() || value->is_uint64() : type == "number" ? value->is_number() : value->is_object());
  if (!fits) return bad_answer(name, "'" + text.substr(0, 60) + "' was written for the field '" + field + "'", "a value of type " + type);
  return std::move(*value);
}

result<json> draft(const model_question& q, const answer_shape& shape) {
  auto fields = read_fields(q.asked, 1);
  if (!fields) return fields.error();
  if (auto r = fields_fit(*fields, shape, q.asked, 1); !r) return r.error();
  boost::json::object out;
  for (const auto& f : *fields) {
    const auto text = f.text.render(q.with);
    if (!text) return text.error();
    const auto name = !f.field.empty() ? f.field : shape.free ? "text" : shape.text_field({"text", "body"});
    auto value = as_type(trimmed(*text), shape.free ? "string" : shape.type_of(name), name, q.asked.name);
    if (!value) return value.error();
    out[name] = std::move(*value);
  }
  return json(std::move(out));
}

// --- summarize: the sentences that say the most ---

/// A line `sentences: 5` says how many.
result<std::size_t> wanted_sentences(const prompt& asked, int first_line) {
  const std::string_view all = asked.text;
  int line = first_line;
  for (std::size_t at = 0; at < all.size(); ++line) {
    const auto end = std::min(all.find('\n', at), all.size());
    const auto text = trimmed(all.substr(at, end - at));
    at = end + 1;
    if (!text.starts_with("sentences:")) continue;
    const auto number = trimmed(std::string_view(text).substr(10));
    std::size_t count = 0;
    const auto [stop, trouble] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (trouble != std::errc{} || stop != number.data() + number.size() || count < 1 || count > summary_most)
      return bad_prompt(asked.name, line, "'" + number + "' is no number of sentences", fmt::format("a number from 1 to {}", summary_most));
    return count;
  }
  return summary_sentences;
}

void collect_texts(const json& value, bool names_too, std::vector<std::string>& out) {
  if (value.is_string()) out.emplace_back(value.get_string());
  else if (const auto* list = value.if_array())
    for (const auto& item : *list) collect_texts(item, names_too, out);
  else if (const auto* object = value.if_object())
    for (const auto& pair : *object)
      if (names_too || std::find(names_of_things.begin(), names_of_things.end(), pair.key()) == names_of_things.end()) collect_texts(pair.value(), names_too, out);
}

/// Sentences on one line; a heading or a list item gets the full stop that it lacks, so that it does not run into the next.
std::string in_one_line(const std::vector<std::string>& sentences, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (!out.empty()) out += ' ';
    out += sentences[i];
    if (count > 1 && std::string_view(".!?:").find(out.back()) == std::string_view::npos && !out.ends_with("…")) out += '.';
  }
  return out;
}

std::size_t characters(std::string_view utf8) { return std::size_t(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; })); }

/// As many whole sentences as `most` characters hold; of a single one that is too long, its front.
std::string fitted(const std::vector<std::string>& sentences, std::size_t most) {
  for (auto count = sentences.size(); count > 0; --count)
    if (auto text = in_one_line(sentences, count); characters(text) <= most) return text;
  std::string text = sentences.empty() ? std::string() : sentences.front();
  while (!text.empty() && characters(text) + 1 > most) {
    while ((text.back() & 0xc0) == 0x80) text.pop_back();
    text.pop_back();
  }
  return sentences.empty() || most == 0 ? text : text + "…";
}

result<json> summarize(const model_question& q, const answer_shape& shape) {
  const auto count = wanted_sentences(q.asked, 1);
  if (!count) return count.error();
  const auto text = model_template::parse(q.asked.text, q.asked.name);
  if (!text) return text.error();
  std::vector<std::string> texts;
  if (text->has_holes()) {
    auto material = text->material(q.with);
    if (!material) return material.error();
    texts = std::move(*material);
  } else {
    collect_texts(q.with, false, texts);
  }
  std::vector<std::string> all;
  for (const auto& one : texts)
    for (auto& sentence : sentences_of(one)) all.push_back(std::move(sentence));
  const auto chosen = text_rank(all, *count);
  if (shape.free) return json{{"text", in_one_line(chosen, chosen.size())}, {"sentences", to_json(chosen)}};
  boost::json::object out;
  const auto field = shape.text_field({"summary", "text"});
  if (!field.empty()) out[field] = fitted(chosen, shape.longest(field));
  if (shape.has("sentences") && shape.type_of("sentences") == "array") out["sentences"] = to_json(chosen);
  if (shape.has("title") && field != "title" && shape.type_of("title") == "string") {
    const auto best = text_rank(all, 1);
    out["title"] = fitted(best, shape.longest("title"));
  }
  return json(std::move(out));
}

// --- classify: the first rule that fits ---

result<std::string> label_field(const answer_shape& shape, const prompt& asked) {
  if (shape.free) return std::string("label");
  auto field = shape.text_field({"label", "class", "kind"});
  if (field.empty()) return bad_prompt(asked.name, 1, "the answer has no field for the label", "a text 'label' in the answer schema");
  return field;
}

result<void> labels_fit(const label_rules& rules, const answer_shape& shape, const std::string& field, const prompt& asked, int first_line) {
  const auto* property = shape.properties ? shape.properties->if_contains(field) : nullptr;
  const auto* allowed = property && property->is_object() ? property->get_object().if_contains("enum") : nullptr;
  if (!allowed || !allowed->is_array()) return {};
  std::vector<std::string> words;
  for (const auto& one : allowed->get_array())
    if (one.is_string()) words.emplace_back(one.get_string());
  for (const auto& label : rules.labels())
    if (std::find(words.begin(), words.end(), label) == words.end()) {
      const auto near = nearest_name(label, words);
      return bad_prompt(asked.name, first_line, "the answer's '" + field + "' can't be '" + label + "'", fmt::format("one of {}", fmt::join(words, ", ")), near.empty() ? "" : "Did you mean '" + near + "'?");
    }
  return {};
}

result<json> classify(const model_question& q, const answer_shape& shape) {
  const auto rules = label_rules::parse(q.asked.text, q.asked.name);
  if (!rules) return rules.error();
  const auto field = label_field(shape, q.asked);
  if (!field) return field.error();
  if (auto r = labels_fit(*rules, shape, *field, q.asked, 1); !r) return r.error();
  std::vector<std::string> texts;
  collect_texts(q.with, true, texts);
  const auto said = rules->judge(texts);
  boost::json::object out{{*field, said.label}};
  if (shape.free || shape.has("because")) out["because"] = said.because;
  return json(std::move(out));
}

// --- the tasks ---

result<void> check_draft(const prompt& asked, const answer_shape& shape, int first_line) {
  const auto fields = read_fields(asked, first_line);
  if (!fields) return fields.error();
  return fields_fit(*fields, shape, asked, first_line);
}

result<void> check_summarize(const prompt& asked, const answer_shape& shape, int first_line) {
  if (const auto count = wanted_sentences(asked, first_line); !count) return count.error();
  if (const auto text = model_template::parse(asked.text, asked.name, first_line); !text) return text.error();
  if (shape.free) return {};
  const auto field = shape.text_field({"summary", "text"});
  for (const auto& name : shape.required)
    if (name != field && name != "sentences" && name != "title")
      return bad_prompt(asked.name, first_line, "a summary can't fill the field '" + name + "' that the answer requires", "summary or text, sentences, title", "Use the task draft with {{summary path 3}}");
  return {};
}

result<void> check_classify(const prompt& asked, const answer_shape& shape, int first_line) {
  const auto rules = label_rules::parse(asked.text, asked.name, first_line);
  if (!rules) return rules.error();
  const auto field = label_field(shape, asked);
  if (!field) return field.error();
  return labels_fit(*rules, shape, *field, asked, first_line);
}

struct task_row {
  std::string_view name;
  result<json> (*answer)(const model_question&, const answer_shape&);
  result<void> (*check)(const prompt&, const answer_shape&, int first_line);
};
constexpr task_row tasks[] = {
    {"draft", draft, check_draft},
    {"summarize", summarize, check_summarize},
    {"classify", classify, check_classify},
};

result<const task_row*> task_of(const prompt& asked, int line) {
  for (const auto& row : tasks)
    if (row.name == asked.task) return &row;
  const auto near = nearest_name(asked.task, std::array<std::string_view, 3>{"draft", "summarize", "classify"});
  return bad_prompt(asked.name, line, asked.task.empty() ? "the prompt has no task" : "the task '" + asked.task + "' is not known", "task: draft, summarize or classify",
                    near.empty() ? "The model local needs to be told; a language model reads it from the text" : "Did you mean '" + near + "'?");
}

std::int64_t tokens_asked(const model_question& q) { return estimated_tokens(q.asked.text) + estimated_tokens(canonical(q.with)); }

class local_model final : public model_provider {
public:
  std::string name() const override { return "local/1"; }

  model_usage worst_case(const model_question& q) const override { return {.tokens_in = tokens_asked(q), .tokens_out = q.tokens_at_most}; }

  result<model_reply> ask(const model_question& q) override {
    if (q.asked.text.size() > prompt_max) return bad_prompt(q.asked.name, 1, fmt::format("the prompt has {} bytes", q.asked.text.size()), fmt::format("at most {}", prompt_max));
    const auto task = task_of(q.asked, 1);
    if (!task) return task.error();
    const auto shape = shape_of(q.answer_schema);
    auto said = (*task)->answer(q, shape);
    if (!said) return said.error();
    if (auto r = has_required(shape, said->as_object(), q.asked.name); !r) return r.error();
    const auto tokens = estimated_tokens(canonical(*said));
    if (tokens > q.tokens_at_most)
      return bad_answer(q.asked.name, fmt::format("the answer has about {} tokens", tokens), fmt::format("at most {}", q.tokens_at_most), "Show the prompt less, or let the role have more tokens");
    return model_reply{name(), std::move(*said), {.tokens_in = tokens_asked(q), .tokens_out = tokens}};
  }
};

}  // namespace

result<void> check_prompt(const prompt& asked, const json& answer_schema, int first_line) {
  if (asked.text.size() > prompt_max) return bad_prompt(asked.name, first_line, fmt::format("the prompt has {} bytes", asked.text.size()), fmt::format("at most {}", prompt_max));
  const auto task = task_of(asked, first_line);
  if (!task) return task.error();
  return (*task)->check(asked, shape_of(answer_schema), first_line);
}

std::int64_t estimated_tokens(std::string_view text) {
  std::int64_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank && !in_word) ++words;
    in_word = !blank;
  }
  return (words * 4 + 2) / 3;
}

model_entry local_model_entry() {
  return {"local", [](const json&, const std::string&) -> std::unique_ptr<model_provider> { return std::make_unique<local_model>(); }, check_prompt};
}

}  // namespace steward
