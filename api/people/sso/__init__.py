"""Single sign-on: the ministry's OpenID provider says who somebody is; the device stays ours."""
