// Columns of custom resources, by the JSON paths of their definition.
#pragma once

#include <vector>

#include "apiserver/kinds/kind.h"
#include "apiserver/table/json_path.h"
#include "apiserver/table/printer.h"

namespace kthena::apiserver {

/// Source: apiextensions-apiserver 0.34, registry/customresource/tableconvertor.
class CustomColumns {
 public:
  /// The name and what the definition says; the age if it says nothing.
  explicit CustomColumns(const Kind& kind);

  /// Of each but the first, which is the name.
  const std::vector<CustomColumn>& columns() const { return columns_; }
  void add_cells(const Subject& subject, json::Array& cells) const;

 private:
  std::vector<CustomColumn> columns_;
  std::vector<std::optional<JsonPath>> paths_;  ///< none: it cannot be read, so it finds nothing
};

}  // namespace kthena::apiserver
