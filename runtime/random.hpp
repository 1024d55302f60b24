/// The only door to chance: every random number comes from a source that a test can seed.
#pragma once
#include <cstdint>
#include <memory>

namespace steward {

class random_source {
public:
  virtual ~random_source() = default;
  virtual std::uint64_t next() = 0;
  /// Uniform in [0, 1).
  double fraction() { return double(next() >> 11) * 0x1.0p-53; }
};

/// The operating system's generator (through libsodium).
std::unique_ptr<random_source> make_system_random();
/// SplitMix64 (Steele, Lea and Flood, 2014): the same seed gives the same numbers everywhere.
std::unique_ptr<random_source> make_seeded_random(std::uint64_t seed);

}  // namespace steward
