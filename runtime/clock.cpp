#include "runtime/clock.hpp"

#include <atomic>
#include <fstream>

#include <fmt/format.h>

namespace steward {
namespace {

class system_clock_door final : public clock {
public:
  time_point now() const override {
    const auto wall = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now()).time_since_epoch().count();
    auto last = last_.load();
    while (wall > last && !last_.compare_exchange_weak(last, wall)) {}
    return time_point{duration{std::max(wall, last)}};
  }

private:
  mutable std::atomic<std::int64_t> last_{0};
};

class file_clock final : public clock {
public:
  explicit file_clock(std::string file) : file_(std::move(file)) {}
  time_point now() const override {
    std::ifstream in(file_);
    std::string line;
    // A file that is just being replaced reads as empty: the last time that was shown still holds.
    if (std::getline(in, line)) {
      if (const auto t = parse_time(line)) {
        auto last = last_.load();
        const auto told = t->time_since_epoch().count();
        while (told > last && !last_.compare_exchange_weak(last, told)) {}
      }
    }
    return time_point{duration{last_.load()}};
  }

private:
  std::string file_;
  mutable std::atomic<std::int64_t> last_{0};
};

struct unit {
  std::string_view name;
  std::int64_t us;
};
constexpr unit units[] = {{"w", 604'800'000'000}, {"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000},
                          {"s", 1'000'000},       {"ms", 1'000},         {"us", 1}};

error bad(std::string code, std::string_view text, std::string expected) {
  return {std::move(code), "", fmt::format("found '{}'", text), std::move(expected), ""};
}

}  // namespace

std::unique_ptr<clock> make_system_clock() { return std::make_unique<system_clock_door>(); }
std::unique_ptr<clock> make_file_clock(std::string file) { return std::make_unique<file_clock>(std::move(file)); }

std::string to_text(time_point t) {
  using namespace std::chrono;
  const auto day = floor<days>(t);
  const year_month_day ymd{day};
  const auto us = (t - day).count();
  const int year = int(ymd.year());
  if (year < 0 || year > 9999)
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", year, unsigned(ymd.month()), unsigned(ymd.day()), us / 3'600'000'000, us / 60'000'000 % 60,
                       us / 1'000'000 % 60, us % 1'000'000);
  // By hand, because every event tells the time.
  std::string text = "0000-00-00T00:00:00.000000Z";
  const auto put = [&](std::size_t at, int digits, std::int64_t number) {
    for (auto i = at + std::size_t(digits); i-- > at; number /= 10) text[i] = char('0' + number % 10);
  };
  put(0, 4, year);
  put(5, 2, unsigned(ymd.month()));
  put(8, 2, unsigned(ymd.day()));
  put(11, 2, us / 3'600'000'000);
  put(14, 2, us / 60'000'000 % 60);
  put(17, 2, us / 1'000'000 % 60);
  put(20, 6, us % 1'000'000);
  return text;
}

result<time_point> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto fail = [&] { return bad("bad_time", text, "a time in RFC 3339, such as 2026-11-21T09:30:00Z"); };
  std::size_t at = 0;
  const auto number = [&](int digits, int& out) {
    out = 0;
    for (int i = 0; i < digits; ++i, ++at) {
      if (at >= text.size() || text[at] < '0' || text[at] > '9') return false;
      out = out * 10 + (text[at] - '0');
    }
    return true;
  };
  const auto literal = [&](std::string_view any) { return at < text.size() && any.find(text[at]) != any.npos && ++at; };
  int y, mo, d, h, mi, s;
  if (!(number(4, y) && literal("-") && number(2, mo) && literal("-") && number(2, d) && literal("Tt ") && number(2, h) && literal(":") &&
        number(2, mi) && literal(":") && number(2, s)))
    return fail();
  std::int64_t us = 0;
  if (literal(".")) {
    int digits = 0;
    for (std::int64_t scale = 100'000; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits, scale /= 10) us += (text[at] - '0') * scale;
    if (digits == 0) return fail();
  }
  minutes offset{0};
  if (!literal("Zz")) {
    const bool behind = at < text.size() && text[at] == '-';
    int oh, om;
    if (!(literal("+-") && number(2, oh) && literal(":") && number(2, om)) || oh > 23 || om > 59) return fail();
    offset = hours{oh} + minutes{om};
    if (behind) offset = -offset;
  }
  const year_month_day ymd{year{y}, month{unsigned(mo)}, day{unsigned(d)}};
  if (at != text.size() || !ymd.ok() || h > 23 || mi > 59 || s > 60) return fail();
  return time_point{sys_days{ymd}} + hours{h} + minutes{mi} + seconds{s} + duration{us} - offset;
}

std::string to_text(duration d) {
  if (d.count() == 0) return "0s";
  std::string text;
  std::int64_t left = d.count();
  if (left < 0) {
    text = "-";
    left = -left;
  }
  for (const auto& u : units) {
    if (u.name == "w") continue;  // Days read better than weeks, and parse back the same.
    if (left >= u.us) {
      text += fmt::format("{}{}", left / u.us, u.name);
      left %= u.us;
    }
  }
  return text;
}

result<duration> parse_duration(std::string_view text) {
  const auto fail = [&] { return bad("bad_duration", text, "a length of time with its unit, such as 250ms, 30s, 10m, 2h or 3d"); };
  std::int64_t total = 0;
  std::int64_t last_unit = INT64_MAX;
  std::size_t at = 0;
  if (text.empty()) return fail();
  while (at < text.size()) {
    std::int64_t number = 0;
    const auto digits_from = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      if (number > 100'000'000'000) return fail();
      number = number * 10 + (text[at] - '0');
    }
    const auto unit_from = at;
    while (at < text.size() && text[at] >= 'a' && text[at] <= 'z') ++at;
    const auto name = text.substr(unit_from, at - unit_from);
    const auto* u = std::find_if(std::begin(units), std::end(units), [&](const unit& x) { return x.name == name; });
    std::int64_t part = 0;
    if (digits_from == unit_from || u == std::end(units) || u->us >= last_unit || __builtin_mul_overflow(number, u->us, &part) ||
        __builtin_add_overflow(total, part, &total))
      return fail();
    last_unit = u->us;
  }
  return duration{total};
}

}  // namespace steward
