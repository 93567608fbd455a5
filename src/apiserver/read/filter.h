// Which objects a list or a watch shows: by labels and by fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/kind.h"
#include "apiserver/patch/failure.h"
#include "kube/meta/selector.h"

namespace kthena::apiserver {

class Filter {
 public:
  Filter() = default;
  /// Errors: 400 in the words of kube-apiserver: what cannot be read, and fields by which objects
  /// of the kind cannot be told.
  static Answer<Filter> create(const Kind& kind, std::string_view labels, std::string_view fields);

  bool is_empty() const noexcept { return !labels_ && fields_.empty(); }
  /// Reads what it needs of the object's text: some microseconds.
  bool matches(std::string_view stored) const;

 private:
  struct FieldTerm {
    std::vector<std::string_view> path;  ///< views into a table of constants
    std::string value;
    std::string_view absent;  ///< what an object without the field has
    bool equal = true;
  };
  std::optional<kube::LabelSelector> labels_;
  std::vector<FieldTerm> fields_;
};

}  // namespace kthena::apiserver
