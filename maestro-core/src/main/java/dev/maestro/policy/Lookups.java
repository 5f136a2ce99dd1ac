package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a program would look up, as far as its words tell.
 *
 * <p>Of programs whose business it is, whatever stands where an address belongs is one, whatever it
 * looks like. Of others that may reach out, what has a scheme may be one. What has no scheme, and
 * what only may be an address, begins with {@link #GUESSED}; what is known only when it runs is
 * {@link #UNKNOWN}.
 */
final class Lookups {

  /** How an address begins that has no scheme, or none that is known. */
  static final String GUESSED = "//";

  /** An address that is known only when it is looked up. */
  static final String UNKNOWN = GUESSED + ShellText.UNKNOWN;

  /** Programs that reach nothing but files, besides those that only read. */
  private static final Set<String> LOCAL =
      Set.of(
          "[[",
          "sed",
          "tee",
          "sort",
          "tr",
          "cp",
          "mv",
          "rm",
          "mkdir",
          "rmdir",
          "touch",
          "chmod",
          "chown",
          "ln",
          "find",
          "read",
          "let",
          "set",
          "unset",
          "shift",
          "return",
          "exit",
          "sleep",
          "wait",
          "kill",
          "tar",
          "zip",
          "unzip",
          "gzip",
          "gunzip",
          "patch",
          "awk",
          "paste",
          "column",
          "fold",
          "nl",
          "tac",
          "rev",
          "comm",
          "join",
          "split",
          "truncate",
          "trap",
          "alias",
          "seq");

  /** Commands of git that may reach out. */
  private static final Set<String> GIT_REMOTE =
      Set.of(
          "clone",
          "fetch",
          "pull",
          "push",
          "ls-remote",
          "remote",
          "submodule",
          "archive",
          "svn",
          "lfs",
          "send-email",
          "imap-send",
          "send-pack",
          "fetch-pack");

  private static final Pattern ADDRESS =
      Pattern.compile("(?i)\\b([a-z][a-z0-9+.-]{1,30})://[^\\s'\"<>|;)]+");
  private static final Pattern WHOLE = Pattern.compile("(?i)([a-z][a-z0-9+.-]{1,30})://\\S+");

  /** Schemes behind which stands a host for certain. */
  private static final Set<String> OF_HOSTS =
      Set.of("http", "https", "ftp", "ftps", "ws", "wss", "ssh", "git", "sftp", "git+https");

  private static final Set<String> OF_FILES = Set.of("file", "unix", "classpath", "data");

  /** As {@code scp} and {@code git} write it. */
  private static final Pattern REMOTE = Pattern.compile("(?s)([^/:]+):(?!//).*");

  private static final Pattern CONNECTS =
      Pattern.compile("(?i)(tcp|udp|ssl|openssl|sctp|socks|proxy)[a-z0-9-]*:([^:,]+).*");

  private static final Set<String> LONG_ADDRESSES =
      Set.of(
          "url",
          "proxy",
          "preproxy",
          "socks4",
          "socks4a",
          "socks5",
          "socks5-hostname",
          "base",
          "connect-to",
          "resolve",
          "doh-url",
          "host",
          "proxy1.0",
          "remote");

  /** Variables, also as settings of a program, whose value is where it connects to. */
  private static final Pattern VARIABLE =
      Pattern.compile(
          "(?is)(?:-e)?((https?|ftp|all|http\\..*|core\\.git)_?\\.?proxy|docker_host|pghost(addr)?)=(.+)");

  /** Options of {@code ssh} with an address. */
  private static final Pattern SSH_SETTING =
      Pattern.compile("(?is)(?:-[0-9a-z]*o)?(?:proxyjump|hostname)\\s*[=\\s]\\s*(.+)");

  private static final Pattern IN_DATABASE =
      Pattern.compile("(?is)(?:.*\\s)?host(?:addr)?=(\\S+).*");

  /** Options of programs whose other words are no addresses. */
  private static final Map<String, Set<String>> OPTIONS =
      Map.of(
          "openssl", Set.of("-connect", "-proxy", "-host"),
          "kubectl", Set.of("-s", "--server"),
          "oc", Set.of("-s", "--server"),
          "helm", Set.of("--kube-apiserver"),
          "sqlcmd", Set.of("-S"),
          "ldapsearch", Set.of("-h", "-H"));

  /** What nobody calls a container, a file or an option. */
  private static final Set<String> PLAIN =
      Set.of(
          "curl", "wget", "aria2c", "nc", "ncat", "netcat", "ssh", "scp", "sftp", "rsync", "ping",
          "telnet", "nmap", "socat");

  private static final Set<String> LONG_SOURCES = Set.of("config", "input-file", "variable");

  /** Long options with a value that is no address. */
  private static final Set<String> LONG_VALUES =
      Set.of(
          "output",
          "output-dir",
          "output-document",
          "output-file",
          "data",
          "data-raw",
          "json",
          "data-binary",
          "data-ascii",
          "data-urlencode",
          "header",
          "request",
          "method",
          "user",
          "form",
          "form-string",
          "upload-file",
          "user-agent",
          "cookie",
          "cookie-jar",
          "referer",
          "write-out",
          "cacert",
          "capath",
          "cert",
          "cert-type",
          "key",
          "key-type",
          "pass",
          "ciphers",
          "range",
          "limit-rate",
          "interface",
          "directory-prefix",
          "post-data",
          "post-file",
          "body-data",
          "body-file",
          "load-cookies",
          "save-cookies",
          "dump-header",
          "proto",
          "proto-redir",
          "proto-default",
          "oauth2-bearer",
          "aws-sigv4",
          "netrc-file",
          "trace",
          "trace-ascii",
          "stderr",
          "time-cond",
          "retry-delay",
          "password",
          "http-user",
          "http-password",
          "accept",
          "reject",
          "domains",
          "exclude",
          "include",
          "rsh",
          "filter",
          "files-from",
          "ca-certificate",
          "certificate",
          "private-key",
          "port",
          "dir",
          "out");

  private static final Map<String, Looker> LOOKERS =
      Map.ofEntries(
          Map.entry("curl", all("AbcCdDeEFHmoPQrtTuUwXyYz").addresses("x").sources("K")),
          Map.entry("wget", all("aoetOTwQPUlADIRX").addresses("B").sources("i")),
          Map.entry("aria2c", all("dojsxk").sources("i")),
          Map.entry("lynx", all("")),
          Map.entry("w3m", all("TIO")),
          Map.entry("links", all("")),
          Map.entry("elinks", all("")),
          Map.entry("curlie", all("AbcCdDeEFHmoPQrtTuUwXyYz").addresses("x").sources("K")),
          Map.entry("finger", all("")),
          Map.entry("ssh-keyscan", all("pt").sources("f")),
          Map.entry("httpie", of(Operands.METHOD, "aAopsv")),
          Map.entry("ping", all("cWwiIsltTMmpQS")),
          Map.entry("ping6", all("cWwiIsltTMmpQS")),
          Map.entry("traceroute", all("fgimNpqstwz")),
          Map.entry("nmap", all("pgoeDST")),
          Map.entry("http", of(Operands.METHOD, "aAopsv")),
          Map.entry("https", of(Operands.METHOD, "aAopsv")),
          Map.entry("xh", of(Operands.METHOD, "aAopsv")),
          Map.entry("ssh", of(Operands.FIRST, "BbcDEeFIiLlmOopQRSw").addresses("JW")),
          Map.entry("sftp", of(Operands.FIRST, "BbcDFiloPRSsX").addresses("J")),
          Map.entry("nc", of(Operands.FIRST, "pswWiqXITVObP").addresses("x")),
          Map.entry("ncat", of(Operands.FIRST, "pswWiqXITVOb")),
          Map.entry("netcat", of(Operands.FIRST, "pswWiqXITVOb").addresses("x")),
          Map.entry("telnet", of(Operands.FIRST, "lbenX")),
          Map.entry("ftp", of(Operands.FIRST, "PsT")),
          Map.entry("tftp", of(Operands.FIRST, "mcR")),
          Map.entry("lftp", of(Operands.FIRST, "epu")),
          Map.entry("ncftp", of(Operands.FIRST, "uPj")),
          Map.entry("smbclient", of(Operands.FIRST, "UWpcDI")),
          Map.entry("grpcurl", of(Operands.FIRST, "dHI")),
          Map.entry("mosh", of(Operands.FIRST, "p")),
          Map.entry("autossh", of(Operands.FIRST, "MBbcDEeFIiLlmOopQRSw").addresses("JW")),
          Map.entry("ssh-copy-id", of(Operands.FIRST, "iopF")),
          Map.entry("whois", of(Operands.NAMES, "pTti").addresses("h")),
          Map.entry("mongosh", of(Operands.NAMES, "upf")),
          Map.entry("mail", of(Operands.NAMES, "sraSAbcu")),
          Map.entry("mailx", of(Operands.NAMES, "sraSAbcu")),
          Map.entry("mutt", of(Operands.NAMES, "saeFiHcb")),
          Map.entry("sendmail", of(Operands.NAMES, "FfBbCqo")),
          Map.entry("msmtp", of(Operands.NAMES, "faC")),
          Map.entry("mount", of(Operands.REMOTES, "toOL")),
          Map.entry("sshfs", of(Operands.REMOTES, "opF")),
          Map.entry("rclone", of(Operands.REMOTES, "")),
          Map.entry("dig", of(Operands.NAMES, "bcfkpqtxy")),
          Map.entry("nslookup", of(Operands.NAMES, "")),
          Map.entry("host", of(Operands.NAMES, "ctNRW")),
          Map.entry("scp", of(Operands.REMOTES, "cDFiloPSX").addresses("J")),
          Map.entry("rsync", of(Operands.REMOTES, "efBTM")),
          Map.entry("socat", of(Operands.CONNECTIONS, "")),
          Map.entry("docker", of(Operands.IMAGES, "vewupl").addresses("H")),
          Map.entry("podman", of(Operands.IMAGES, "vewupl").addresses("H")),
          Map.entry("nerdctl", of(Operands.IMAGES, "vewupl").addresses("H")),
          Map.entry("mysql", of(Operands.NONE, "uPDe").addresses("h")),
          Map.entry("mariadb", of(Operands.NONE, "uPDe").addresses("h")),
          Map.entry("mysqldump", of(Operands.NONE, "uP").addresses("h")),
          Map.entry("psql", of(Operands.NONE, "UpdcfoFLTvR").addresses("h")),
          Map.entry("pg_dump", of(Operands.NONE, "UpdfFjnNtT").addresses("h")),
          Map.entry("pg_restore", of(Operands.NONE, "UpdfFjnNtT").addresses("h")),
          Map.entry("redis-cli", of(Operands.NONE, "panr").addresses("hu")));

  /** Where among the arguments addresses stand. */
  private enum Operands {
    ALL,
    FIRST,
    METHOD,
    NAMES,
    REMOTES,
    CONNECTIONS,
    IMAGES,
    NONE
  }

  /**
   * A program whose business it is.
   *
   * @param valued short options with a value that is no address
   * @param addresses short options with one that is
   * @param sources short options with the name of a file that has some
   */
  private record Looker(Operands operands, String valued, String addresses, String sources) {

    Looker addresses(String options) {
      return new Looker(operands, valued, options, sources);
    }

    Looker sources(String options) {
      return new Looker(operands, valued, addresses, options);
    }
  }

  private static Looker all(String valued) {
    return of(Operands.ALL, valued);
  }

  private static Looker of(Operands operands, String valued) {
    return new Looker(operands, valued, "", "");
  }

  private final List<String> found = new ArrayList<>();
  private final List<String> operands = new ArrayList<>();

  private Lookups() {}

  /** {@return what a program would look up} */
  static List<String> of(Words words) {
    Lookups lookups = new Lookups();
    List<String> all = words.all();
    if (isLocal(words)) {
      lookups.kept(words);
      return lookups.found;
    }
    all.stream().skip(1).forEach(lookups::variable);
    Looker looker = LOOKERS.get(words.program());
    if (looker != null) {
      lookups.read(looker, all);
    } else if (words.program().equals("git")) {
      lookups.git(words);
    } else {
      all.stream().skip(1).forEach(word -> lookups.found.addAll(guessedIn(word)));
      lookups.options(words);
    }
    return lookups.found;
  }

  /** {@return where a variable makes programs connect to, if it is one of those} */
  static List<String> inVariable(String assignment) {
    Lookups lookups = new Lookups();
    lookups.variable(assignment);
    return lookups.found;
  }

  /** {@return whether a word is the name of a program whose business it is, and of nothing else} */
  static boolean isPlain(String program) {
    return PLAIN.contains(program);
  }

  private void variable(String word) {
    Matcher variable = VARIABLE.matcher(word);
    if (variable.matches()) {
      address(variable.group(4));
    }
  }

  /** Programs that reach nothing but files may be told where others are to connect to. */
  private void kept(Words words) {
    if (words.program().equals("tar")) {
      words.all().stream()
          .filter(word -> word.matches("(--file=)?[^/:-][^/:]*[.@][^/:]*:.+"))
          .forEach(word -> remote(word.replaceFirst("^--file=", "")));
    } else if (words.program().equals("git")) {
      List<String> own = words.own();
      if (words.beginsWith(List.of("config")) && own.size() > 2) {
        own.forEach(word -> found.addAll(guessedIn(word)));
        for (int i = 1; i + 1 < own.size(); i++) {
          variable(own.get(i) + "=" + own.get(i + 1));
        }
      }
    }
  }

  /** {@return whether a program is known to reach nothing but files} */
  static boolean isLocal(Words words) {
    return words.onlyReads()
        || LOCAL.contains(words.program())
        || words.program().equals("git")
            && (words.arguments().isEmpty()
                || !GIT_REMOTE.contains(words.arguments().get(0))
                    && !Words.isUnknown(words.arguments().get(0)));
  }

  /** {@return the addresses in a text that have a scheme, which may be meant for something else} */
  static List<String> guessedIn(String text) {
    return in(text).stream()
        .map(address -> GUESSED + address.substring(address.indexOf("//") + 2))
        .toList();
  }

  /** {@return the addresses in a text that have a scheme} */
  private static List<String> in(String text) {
    String value = text.startsWith("-") ? text.substring(text.indexOf('=') + 1) : text;
    Matcher whole = WHOLE.matcher(value);
    if (whole.matches()) {
      return withScheme(whole.group(1), value);
    }
    List<String> all = new ArrayList<>();
    Matcher address = ADDRESS.matcher(text);
    while (address.find()) {
      all.addAll(withScheme(address.group(1), address.group()));
    }
    return all;
  }

  private static List<String> withScheme(String scheme, String address) {
    String lower = scheme.toLowerCase(Locale.ROOT);
    if (OF_FILES.contains(lower)) {
      return List.of();
    }
    return OF_HOSTS.contains(lower)
        ? List.of(address)
        : List.of(GUESSED + address.substring(address.indexOf("://") + 3));
  }

  private void read(Looker looker, List<String> words) {
    arguments(looker, words);
    boolean isAbout = words.stream().anyMatch(word -> word.matches("--version|--help|-V|-h"));
    boolean listens = words.stream().anyMatch(word -> word.matches("-[a-z]*l[a-z]*|--listen"));
    switch (looker.operands()) {
      case ALL -> addresses(operands, isAbout);
      case FIRST -> {
        addresses(listens ? List.of() : first(operands), isAbout || listens);
        sshSettings(words);
      }
      case METHOD -> {
        boolean method = !operands.isEmpty() && operands.get(0).matches("[A-Z]{3,7}");
        addresses(first(operands.subList(method ? 1 : 0, operands.size())), isAbout);
      }
      case NAMES -> operands.stream().filter(Lookups::mayBeName).forEach(this::name);
      case REMOTES -> {
        operands.forEach(this::remote);
        sshSettings(words);
      }
      case CONNECTIONS -> operands.forEach(this::connection);
      case IMAGES -> images();
      case NONE -> operands.forEach(this::ofDatabase);
    }
  }

  private void sshSettings(List<String> words) {
    for (String word : words) {
      Matcher setting = SSH_SETTING.matcher(word);
      if (setting.matches()) {
        address(setting.group(1));
      }
    }
  }

  private void ofDatabase(String word) {
    Matcher database = IN_DATABASE.matcher(word);
    if (database.matches() && in(word).isEmpty()) {
      address(database.group(1));
    }
    found.addAll(in(word));
  }

  private static List<String> first(List<String> operands) {
    return operands.subList(0, Math.min(1, operands.size()));
  }

  /** Without any, they come from elsewhere, from a pipe by way of {@code xargs} or from a file. */
  private void addresses(List<String> operands, boolean mayBeNone) {
    operands.forEach(this::address);
    if (operands.isEmpty() && found.isEmpty() && !mayBeNone) {
      found.add(UNKNOWN);
    }
  }

  /** With a scheme it has been found. */
  private void address(String word) {
    if (in(word).isEmpty() && !word.startsWith("file:") && !word.startsWith("unix:")) {
      found.add(GUESSED + word);
    } else {
      found.addAll(in(word));
    }
  }

  private static boolean mayBeName(String word) {
    return !word.startsWith("+")
        && !word.matches("(?i)A|AAAA|ANY|CAA|CNAME|DS|IN|MX|NS|PTR|SOA|SRV|TXT");
  }

  private void name(String word) {
    address(word.startsWith("@") ? word.substring(1) : word);
  }

  private void remote(String word) {
    found.addAll(in(word));
    Matcher remote = REMOTE.matcher(word);
    if (remote.matches()) {
      found.add(GUESSED + remote.group(1));
    } else if (!word.isEmpty() && Words.isUnknown(word.substring(0, 1))) {
      found.add(UNKNOWN);
    }
  }

  private void connection(String word) {
    Matcher connects = CONNECTS.matcher(word);
    if (connects.matches() && !word.toLowerCase(Locale.ROOT).contains("listen")) {
      found.add(GUESSED + connects.group(2));
    }
  }

  private void images() {
    boolean signsIn = !operands.isEmpty() && operands.get(0).equals("login");
    operands.stream().skip(1).forEach(signsIn ? this::address : this::image);
  }

  /** The first part of an image's name is a host when it could be no folder. */
  private void image(String word) {
    found.addAll(guessedIn(word));
    String host = word.substring(0, Math.max(0, word.indexOf('/')));
    if (host.matches("[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?")
        && (host.indexOf('.') > 0 || host.indexOf(':') > 0 || host.equals("localhost"))) {
      found.add(GUESSED + host);
    }
  }

  private void git(Words words) {
    List<String> arguments = words.arguments();
    String command = arguments.get(0);
    arguments.stream().skip(2).forEach(word -> found.addAll(in(word)));
    List<String> all = words.all();
    all.subList(1, all.size() - words.own().size()).forEach(word -> found.addAll(guessedIn(word)));
    int most = Set.of("fetch", "pull", "push").contains(command) ? 2 : arguments.size();
    arguments.subList(1, Math.min(most, arguments.size())).forEach(this::remote);
    words.all().stream()
        .filter(word -> word.startsWith("--smtp-server="))
        .forEach(word -> address(word.substring(word.indexOf('=') + 1)));
    words.all().stream()
        .filter(word -> word.startsWith("--remote=") || word.startsWith("--repo="))
        .forEach(word -> remote(word.substring(word.indexOf('=') + 1)));
  }

  private void options(Words words) {
    List<String> all = words.all();
    Set<String> options = OPTIONS.getOrDefault(words.program(), Set.of());
    for (int i = 1; i < all.size(); i++) {
      String word = all.get(i);
      String name = word.startsWith("--") ? word.split("=", 2)[0] : word;
      if (options.contains(name) && !name.equals(word)) {
        address(word.substring(name.length() + 1));
      } else if (options.contains(name) && i + 1 < all.size()) {
        address(all.get(i + 1));
      } else if (words.beginsWith(List.of("s_client")) && word.matches("[\\w.-]+:[0-9]+")) {
        address(word);
      }
    }
  }

  // ------------------------------------------------------------------ options and the rest

  private void arguments(Looker looker, List<String> words) {
    int i = 1;
    while (i < words.size() && !words.get(i).equals("--")) {
      String word = words.get(i);
      String following = i + 1 < words.size() ? words.get(i + 1) : "";
      if (!word.startsWith("-") || word.equals("-")) {
        operands.add(word);
        i++;
      } else if (word.startsWith("--")) {
        i += longOption(word.substring(2), following) ? 2 : 1;
      } else {
        i += shortOptions(looker, word, following) ? 2 : 1;
      }
    }
    operands.addAll(words.subList(Math.min(i + 1, words.size()), words.size()));
  }

  /** {@return whether the word that follows is its value} */
  private boolean longOption(String option, String following) {
    int at = option.indexOf('=');
    String name = at < 0 ? option : option.substring(0, at);
    if (LONG_ADDRESSES.contains(name)) {
      address(at < 0 ? following : option.substring(at + 1));
      return at < 0;
    } else if (LONG_SOURCES.contains(name)) {
      found.add(UNKNOWN);
      return at < 0;
    }
    // of an option that is not in the list, a short number is a value and nothing else is
    return at < 0 && (LONG_VALUES.contains(name) || following.matches("[0-9.]{1,6}[a-zA-Z%]?"));
  }

  /** {@return whether the word that follows is the value of the last} */
  private boolean shortOptions(Looker looker, String cluster, String following) {
    for (int i = 1; i < cluster.length(); i++) {
      char option = cluster.charAt(i);
      boolean isLast = i == cluster.length() - 1;
      if (looker.addresses().indexOf(option) >= 0) {
        address(isLast ? following : cluster.substring(i + 1));
        return isLast;
      } else if (looker.sources().indexOf(option) >= 0) {
        found.add(UNKNOWN);
        return isLast;
      } else if (looker.valued().indexOf(option) >= 0) {
        return isLast;
      }
    }
    return false;
  }
}
