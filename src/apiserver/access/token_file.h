// Tokens of users, as kube-apiserver's --token-auth-file has them.
#pragma once

#include <string_view>
#include <vector>

#include "apiserver/access/authentication.h"
#include "base/result.h"

namespace kthena::apiserver {

/// Lines of comma-separated values: token, user, uid, and optionally groups, which are in quotes if
/// they are several: `"dev,ops"`. Empty lines are skipped.
/// Errors: InvalidArgument, names the line and never shows a token.
Result<std::vector<StaticToken>> parse_token_file(std::string_view text);

}  // namespace kthena::apiserver
