#include "console/man_page.hpp"

#include <fmt/format.h>

#include "console/command_line.hpp"
#include "console/exit_codes.hpp"

namespace steward {
namespace {

/// Text that troff takes as it is: backslashes, leading dots and quotes, hyphens.
std::string plain(std::string_view text) {
  std::string out;
  bool starts = true;
  for (const char c : text) {
    if (starts && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
    starts = c == '\n';
  }
  return out;
}

void list(std::string& out, const std::vector<word>& words) {
  for (const auto& w : words) {
    if (w.hidden) continue;
    out += ".TP\n\\fB" + plain(w.name) + "\\fR" + (w.value.empty() ? "" : " \\fI" + plain(w.value) + "\\fR") + "\n" + plain(w.help);
    if (!w.choices.empty()) {
      std::string all;
      for (const auto& choice : w.choices) all += (all.empty() ? "" : ", ") + choice;
      out += " (" + plain(all) + ")";
    }
    out += "\n";
  }
}

}  // namespace

std::string man_page(const std::vector<command>& all, std::string_view version) {
  std::string out = fmt::format(".TH STEWARD 1 \"\" \"steward {}\" \"User Commands\"\n", version);
  out += ".SH NAME\nsteward \\- the safe engine for a company of one\n.SH SYNOPSIS\n.B steward\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n";
  out += ".SH DESCRIPTION\nSteward runs a small organisation of agents for one operator. Every decision is a durable event, every outside action can be approved and\n"
         "explained, every coin is reserved before it is spent, and all of it lives in one directory of text files and a journal.\n";
  out += ".SH OPTIONS\nThey may stand before or behind any command.\n";
  list(out, global_words());
  std::string group;
  for (const auto& c : all) {
    if (c.group != group) {
      std::string upper;
      for (const char ch : c.group) upper += char(std::toupper(static_cast<unsigned char>(ch)));
      out += ".SH " + upper + "\n";
    }
    group = c.group;
    out += ".SS " + plain(usage_of(c)) + "\n" + plain(c.summary) + ".\n";
    if (!c.details.empty()) out += ".PP\n" + plain(c.details) + "\n";
    list(out, c.words);
    out += ".PP\n.nf\n";
    for (const auto& example : c.examples) out += "    " + plain(example) + "\n";
    out += ".fi\n";
  }
  out += ".SH EXIT STATUS\n";
  for (const auto& row : exit_code_meanings) out += fmt::format(".TP\n.B {}\n{}\n", int(row.code), plain(row.meaning));
  out += ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours, whatever the terminal can do\n.TP\n.B VISUAL, EDITOR\nthe editor of \\fBsteward modify \\-\\-edit\\fR\n"
         ".SH FILES\n.TP\n.I company.yaml\nwho the company is; a folder with it is a workspace\n.TP\n.I .steward/\nthe journal, its head, what is derived from it, and the socket of the running engine\n";
  return out;
}

}  // namespace steward
