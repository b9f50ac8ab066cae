# Sourced by run.sh: node_modules as package-lock.json says, with the pinned Node in it.

# npm writes the first in each installation; the second is written here, once the pinned Node has run.
installed=node_modules/.package-lock.json
ready=node_modules/.nameplate-ready

install_dependencies() {
  if [ -e $ready ] && [ -x node_modules/.bin/node ] && ! [ package-lock.json -nt $installed ]; then return; fi
  # npm runs on the caller's Node: ours may be the very thing that is missing.
  callers_path=$(echo "$PATH" | tr : '\n' | grep -vxF "$repository/node_modules/.bin" | paste -sd : -)
  PATH=$callers_path command -v npm >/dev/null || fail 'npm, version 10 or newer, is needed, and is not in PATH'
  say 'installing dependencies from the npm registry'
  # Not "npm ci": npm 11 refuses a lock that lacks other platforms' optional packages. "install" keeps to the same lock,
  # and does not begin by deleting what a running service has open. No package's install script is needed but that of
  # "node", which is run below whatever npm's settings say.
  (PATH=$callers_path && npm install --no-save --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
    fail 'npm could not install the dependencies; its words are above'
  runs_pinned_node || fetch_pinned_node
  touch $installed $ready
}

runs_pinned_node() {
  wanted=$(sed -n 's/^ *"version": "\([^"]*\)".*/\1/p' node_modules/node/package.json)
  [ "$(node_modules/.bin/node --version 2>/dev/null)" = "v$wanted" ]
}

# What the install script of the package "node" does: it fetches the package that holds this machine's binary.
fetch_pinned_node() {
  say "fetching Node $wanted"
  (
    PATH=$callers_path
    cd node_modules/node
    npm_config_ignore_scripts=true npm_config_global=false node installArchSpecificPackage.js >&2
  ) || fail "Node $wanted could not be fetched; npm's words are above"
  [ -e node_modules/.bin/node ] || ln -sf ../node/bin/node node_modules/.bin/node
  runs_pinned_node || install_packages for_node
  runs_pinned_node || fail "Node $wanted does not run here ($(uname -sm)): $(node_modules/.bin/node --version 2>&1)"
}
