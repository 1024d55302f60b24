/// The ledger on disk: reads all of it, enters what is new under the next number, and says what is still open.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "connectors/ledger_record.hpp"
#include "runtime/disk.hpp"

namespace steward {

/// What the ledger says to an entry; becomes the answer's bytes.
struct ledger_receipt {
  std::string number;   // empty: refused
  std::string refusal;  // why not, when it will never work
};
BOOST_DESCRIBE_STRUCT(ledger_receipt, (), (number, refusal))

/// Linking an entry to its number is the moment it counts; before it is only a draft, and what comes after is made again by a repeat.
class ledger_book {
public:
  ledger_book(disk& files, const std::string& folder) : files_(files), folder_(folder) {}

  /// Every entry, by number. Errors: ledger_broken, and those of the disk.
  result<std::vector<ledger_record>> records();
  /// Enters it, or finds that it was entered under this key before.
  result<ledger_receipt> enter(const ledger_text& entry);
  /// After trouble: is it certain that nothing was entered?
  bool untouched() const { return !begun_; }

private:
  result<ledger_record> read(const std::string& number);
  result<std::string> place_of(const std::string& number, std::string_view ending);
  /// Why the entry can't stand beside the others, or empty.
  result<std::string> stands_against(const ledger_text& entry, const std::vector<ledger_record>& all);
  result<ledger_receipt> finish(const ledger_record& record, const std::vector<ledger_record>& all);

  disk& files_;
  const std::string& folder_;
  bool begun_ = false;
};

/// What is still to be paid of an invoice: its total, less what was credited and paid, and again what was given back.
std::int64_t open_of(const ledger_record& invoice, const std::vector<ledger_record>& all);

}  // namespace steward
