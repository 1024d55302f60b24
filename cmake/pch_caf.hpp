// For the folders that host actors: what nearly every file includes, and CAF.
#pragma once
#include "pch_plain.hpp"

#include <caf/all.hpp>
