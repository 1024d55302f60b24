#include "runtime/random.hpp"

#include <sodium.h>

namespace steward {
namespace {

class system_random final : public random_source {
public:
  std::uint64_t next() override {
    std::uint64_t x;
    randombytes_buf(&x, sizeof x);
    return x;
  }
};

class seeded_random final : public random_source {
public:
  explicit seeded_random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

private:
  std::uint64_t state_;
};

}  // namespace

std::unique_ptr<random_source> make_system_random() { return std::make_unique<system_random>(); }
std::unique_ptr<random_source> make_seeded_random(std::uint64_t seed) { return std::make_unique<seeded_random>(seed); }

}  // namespace steward
