// What tests of kinds have in common: objects from their spec alone, findings as texts.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/codec.h"
#include "json/parse.h"
#include "json/problem.h"

namespace kthena::api::testing {

/// What is printed of each finding; "warning: " before those that are no errors.
inline std::vector<std::string> texts(const std::vector<json::Problem>& problems) {
  std::vector<std::string> out;
  for (const json::Problem& problem : problems) {
    out.push_back((problem.severity == json::Severity::Warning ? "warning: " : "") +
                  problem.to_string());
  }
  return out;
}

/// The same of those that are errors.
inline std::vector<std::string> errors(const std::vector<json::Problem>& problems) {
  std::vector<std::string> out;
  for (const json::Problem& problem : problems) {
    if (problem.severity == json::Severity::Error) {
      out.push_back(problem.to_string());
    }
  }
  return out;
}

/// The object that `text` says, whose schema has nothing against it.
template <class Kind>
Kind object_of(std::string_view text) {
  json::Decoded<Kind> decoded = json::decode<Kind>(json::parse(text).value());
  EXPECT_EQ(texts(decoded.problems), std::vector<std::string>{}) << text;
  return std::move(decoded.value);
}

/// Decodes an object that has nothing but `spec`, which is JSON.
template <class Kind>
json::Decoded<Kind> decode_spec(std::string_view spec, const json::DecodeOptions& options = {}) {
  json::Value value;
  value.set("spec", json::parse(spec).value());
  return json::decode<Kind>(value, options);
}

}  // namespace kthena::api::testing
