#include "runtime/supervision/decision.hpp"

#include <set>

#include "tests/support/catch.hpp"

// The truth table of supervision: child kind x ending x strategy x position x window x its owner. The expected answers stand
// here as rules of their own, in words and letters; the compiler checks that the rules cover every cell once.

using namespace steward;

namespace {

template <class E>
constexpr std::size_t count_of = boost::mp11::mp_size<bd::describe_enumerators<E>>::value;

constexpr std::size_t positions = 3;  // first, middle, last of three

// Rule 1: what the kind asks for. R another one, M somebody must mend it, - nothing.
struct wish_row {
  child_kind kind;
  ending how;
  char asks;
};
constexpr wish_row wish_rows[] = {
    {child_kind::permanent, ending::normal, 'R'},        {child_kind::transient, ending::normal, '-'},        {child_kind::temporary, ending::normal, '-'},
    {child_kind::permanent, ending::shutdown, 'R'},      {child_kind::transient, ending::shutdown, '-'},      {child_kind::temporary, ending::shutdown, '-'},
    {child_kind::permanent, ending::crash, 'R'},         {child_kind::transient, ending::crash, 'R'},         {child_kind::temporary, ending::crash, '-'},
    {child_kind::permanent, ending::hang, 'R'},          {child_kind::transient, ending::hang, 'R'},          {child_kind::temporary, ending::hang, '-'},
    {child_kind::permanent, ending::start_failure, 'R'}, {child_kind::transient, ending::start_failure, 'R'}, {child_kind::temporary, ending::start_failure, '-'},
    {child_kind::permanent, ending::beyond_repair, 'M'}, {child_kind::transient, ending::beyond_repair, 'M'}, {child_kind::temporary, ending::beyond_repair, '-'},
};

// Rule 2: what becomes of it. The window is asked only for R.
struct answer_row {
  char asks;
  window_owner owner;
  window_verdict window;
  remedy expected;
};
constexpr answer_row answer_rows[] = {
    {'-', window_owner::supervisor, window_verdict::room, remedy::leave},   {'-', window_owner::supervisor, window_verdict::used_up, remedy::leave},
    {'-', window_owner::child, window_verdict::room, remedy::leave},        {'-', window_owner::child, window_verdict::used_up, remedy::leave},
    {'R', window_owner::supervisor, window_verdict::room, remedy::restart}, {'R', window_owner::supervisor, window_verdict::used_up, remedy::go_up},
    {'R', window_owner::child, window_verdict::room, remedy::restart},      {'R', window_owner::child, window_verdict::used_up, remedy::stay_down},
    {'M', window_owner::supervisor, window_verdict::room, remedy::go_up},   {'M', window_owner::supervisor, window_verdict::used_up, remedy::go_up},
    {'M', window_owner::child, window_verdict::room, remedy::stay_down},    {'M', window_owner::child, window_verdict::used_up, remedy::stay_down},
};

// Rule 3: who falls with it and who comes back, of three permanent children, when the answer is restart.
struct scope_row {
  strategy how;
  std::size_t who;
  std::vector<std::size_t> (*stop)();
  std::vector<std::size_t> (*start)();
};
using list = std::vector<std::size_t>;
constexpr scope_row scope_rows[] = {
    {strategy::one_for_one, 0, [] { return list{}; }, [] { return list{0}; }},
    {strategy::one_for_one, 1, [] { return list{}; }, [] { return list{1}; }},
    {strategy::one_for_one, 2, [] { return list{}; }, [] { return list{2}; }},
    {strategy::one_for_all, 0, [] { return list{2, 1}; }, [] { return list{0, 1, 2}; }},
    {strategy::one_for_all, 1, [] { return list{2, 0}; }, [] { return list{0, 1, 2}; }},
    {strategy::one_for_all, 2, [] { return list{1, 0}; }, [] { return list{0, 1, 2}; }},
    {strategy::rest_for_one, 0, [] { return list{2, 1}; }, [] { return list{0, 1, 2}; }},
    {strategy::rest_for_one, 1, [] { return list{2}; }, [] { return list{1, 2}; }},
    {strategy::rest_for_one, 2, [] { return list{}; }, [] { return list{2}; }},
};

template <class Rows, class Match>
constexpr std::size_t matches(const Rows& rows, Match match) {
  std::size_t n = 0;
  for (const auto& row : rows) n += match(row) ? 1 : 0;
  return n;
}

/// Every cell of the product has one row in each rule; a new enumerator fails to compile here until its rows are written.
consteval bool every_cell_has_its_rules() {
  for (std::size_t k = 0; k < count_of<child_kind>; ++k)
    for (std::size_t e = 0; e < count_of<ending>; ++e)
      if (matches(wish_rows, [&](const wish_row& r) { return r.kind == child_kind(k) && r.how == ending(e); }) != 1) return false;
  for (const char asks : {'-', 'R', 'M'})
    for (std::size_t o = 0; o < count_of<window_owner>; ++o)
      for (std::size_t w = 0; w < count_of<window_verdict>; ++w)
        if (matches(answer_rows, [&](const answer_row& r) { return r.asks == asks && r.owner == window_owner(o) && r.window == window_verdict(w); }) != 1) return false;
  for (std::size_t s = 0; s < count_of<strategy>; ++s)
    for (std::size_t p = 0; p < positions; ++p)
      if (matches(scope_rows, [&](const scope_row& r) { return r.how == strategy(s) && r.who == p; }) != 1) return false;
  return true;
}
static_assert(every_cell_has_its_rules(), "a cell of the truth table has no rule, or two");

template <class Rows, class Match>
const auto& row_of(const Rows& rows, Match match) {
  return *std::find_if(std::begin(rows), std::end(rows), match);
}

}  // namespace

TEST_CASE("supervision decides every cell of child kind x ending x strategy x position x window x owner by the rules") {
  std::size_t cells = 0;
  std::set<std::tuple<int, int, int, std::size_t, int, int>> asserted;
  for (const auto& w : wish_rows)
    for (const auto& scope : scope_rows)
      for (std::size_t o = 0; o < count_of<window_owner>; ++o)
        for (std::size_t v = 0; v < count_of<window_verdict>; ++v) {
          std::vector<sibling> children(positions);
          children[scope.who].kind = w.kind;
          const auto owner = window_owner(o);
          const auto window = window_verdict(v);
          const auto& expected = row_of(answer_rows, [&](const answer_row& r) { return r.asks == w.asks && r.owner == owner && r.window == window; });
          CAPTURE(to_word(w.kind), to_word(w.how), to_word(scope.how), scope.who, to_word(owner), to_word(window));
          const auto got = decide(scope.how, children, scope.who, w.how, owner, window);
          CHECK(to_word(got.what) == to_word(expected.expected));
          CHECK(got.stop == (expected.expected == remedy::restart ? scope.stop() : list{}));
          CHECK(got.start == (expected.expected == remedy::restart ? scope.start() : list{}));
          asserted.emplace(int(w.kind), int(w.how), int(scope.how), scope.who, int(o), int(v));
          ++cells;
        }
  constexpr auto product = count_of<child_kind> * count_of<ending> * count_of<strategy> * positions * count_of<window_owner> * count_of<window_verdict>;
  CHECK(cells == product);
  CHECK(asserted.size() == product);
}

TEST_CASE("supervision asks the window only where a restart is wished") {
  for (const auto& w : wish_rows) {
    CAPTURE(to_word(w.kind), to_word(w.how));
    const auto expected = w.asks == 'R' ? wish::restart : w.asks == 'M' ? wish::mend : wish::leave;
    CHECK(to_word(wish_of(w.kind, w.how)) == to_word(expected));
  }
}

TEST_CASE("supervision stops a temporary sibling with the others and does not bring it back") {
  const std::vector<sibling> children{{child_kind::permanent}, {child_kind::temporary}, {child_kind::transient}};
  const auto d = decide(strategy::one_for_all, children, 0, ending::crash, window_owner::supervisor, window_verdict::room);
  CHECK(d == decision{remedy::restart, {2, 1}, {0, 2}});
}

TEST_CASE("supervision leaves a sibling alone whose work is done") {
  const std::vector<sibling> children{{child_kind::permanent}, {child_kind::transient, false}, {child_kind::permanent}};
  const auto how = GENERATE(strategy::one_for_all, strategy::rest_for_one);
  CHECK(decide(how, children, 0, ending::hang, window_owner::supervisor, window_verdict::room) == decision{remedy::restart, {2}, {0, 2}});
}
