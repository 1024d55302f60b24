/// Catch2 with a printer for result<T>: a failing check shows the error's sentence.
#pragma once
#include <catch2/catch.hpp>

#include "runtime/error.hpp"

template <class T>
struct Catch::StringMaker<boost::system::result<T, steward::error>> {
  static std::string convert(const boost::system::result<T, steward::error>& r) { return r ? "a value" : steward::to_sentence(r.error()); }
};
