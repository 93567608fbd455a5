// Values held against the shapes of built-in types.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/strings.h"
#include "json/codec.h"
#include "json/findings.h"
#include "json/parse.h"
#include "json/path.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/shapes/check.h"
#include "kube/shapes/shape.h"

using kthena::json::Problem;
using kthena::json::UnknownFields;
namespace json = kthena::json;
namespace shapes = kthena::kube::shapes;

namespace {

constexpr std::size_t kMostProblems = 32;

std::vector<Problem> check(const shapes::Type& type, const json::Value& value,
                           shapes::Within within, UnknownFields unknown) {
  std::vector<Problem> problems;
  json::Findings findings(problems, kMostProblems);
  shapes::check(type, value, nullptr, within, {.unknown = unknown}, findings);
  CHECK_LE(problems.size(), kMostProblems);
  const auto errors = static_cast<std::size_t>(std::ranges::count_if(
      problems, [](const Problem& p) { return p.severity == json::Severity::Error; }));
  CHECK_LE(errors, findings.errors());
  return problems;
}

bool is_unknown(const Problem& problem) { return problem.kind == Problem::Kind::UnknownField; }

/// Names with dots and brackets may make a path ambiguous.
bool has_plain_names(const json::Value& value) {
  if (value.is_array()) {
    return std::ranges::all_of(value.as_array(), has_plain_names);
  }
  return !value.is_object() || std::ranges::all_of(value.as_object(), [](const json::Member& m) {
    return !m.key.empty() && std::ranges::all_of(m.key, kthena::is_ascii_alnum) &&
           has_plain_names(m.value);
  });
}

/// A problem says where something is, or that something is not there.
void expect_right_place(const json::Value& value, const Problem& problem, bool plain_names) {
  const json::Value* found = json::find_path(value, problem.path);
  if (problem.kind == Problem::Kind::Required) {
    CHECK(!plain_names || found == nullptr || found->is_null());
  } else {
    CHECK(!plain_names || found != nullptr);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto all = shapes::types();
  const shapes::Type& type = all[(data[0] * 256U + data[1]) % all.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto value = json::parse(text);
  if (!value) {
    return 0;
  }
  const bool plain_names = has_plain_names(*value);
  const auto problems = check(type, *value, shapes::Within::CustomResource, UnknownFields::Refuse);
  for (const Problem& problem : problems) {
    expect_right_place(*value, problem, plain_names);
  }
  // What is ignored is all that is missing then.
  auto known = check(type, *value, shapes::Within::CustomResource, UnknownFields::Ignore);
  CHECK(std::ranges::none_of(known, is_unknown));
  if (problems.size() < kMostProblems) {
    auto expected = problems;
    std::erase_if(expected, is_unknown);
    CHECK(known == expected);
  }
  // A built-in kind is only told what it does not have.
  const auto of_built_in = check(type, *value, shapes::Within::BuiltInKind, UnknownFields::Warn);
  CHECK(std::ranges::all_of(of_built_in, is_unknown));
  CHECK(!json::has_errors(of_built_in));
  return 0;
}
