package dev.maestro.examples;

import dev.maestro.process.Cancellation;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessRunner;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.Time;
import dev.maestro.providers.CliAgent;
import dev.maestro.testing.ModelServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Real agents, installed from npm into {@code target/} in these versions, which live in homes of
 * their own there and know no model but one on loopback.
 *
 * @param root where they are installed
 */
record RealAgents(Path root) {

  private static final String OPENCODE = "opencode-ai@1.18.33";
  private static final String QWEN = "@qwen-code/qwen-code@0.24.4";
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /**
   * {@return the agents, installed if they are not; without npm or its registry, the test is
   * skipped}
   */
  static RealAgents installed() throws IOException, InterruptedException {
    RealAgents agents = new RealAgents(Path.of("target", "real-agents").toAbsolutePath());
    if (!Files.exists(agents.bin().resolve("qwen"))) {
      agents.install();
    }
    return agents;
  }

  private void install() throws IOException, InterruptedException {
    Files.createDirectories(root);
    Files.writeString(root.resolve("package.json"), "{\"private\":true}");
    List<String> npm =
        List.of("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", OPENCODE, QWEN);
    orSkip(isOnPath("npm"), "there is no npm here to install real agents with");
    int code = run(npm);
    orSkip(code == 0, "npm could not install the real agents: exit code " + code);
    link("opencode", openCode());
    link("qwen", root.resolve("node_modules/.bin/qwen"));
  }

  /** Skip all tests of the class and say why, which Maven's report of them does not. */
  private static void orSkip(boolean possible, String why) {
    if (!possible) {
      System.out.println("Real agents are not tried: " + why);
    }
    Assumptions.assumeTrue(possible, why);
  }

  private int run(List<String> command) throws InterruptedException {
    List<String> lines = new ArrayList<>();
    ProcessSpec spec = ProcessSpec.builder(root, command).timeLimit(PATIENCE).build();
    try (Time time = Time.system()) {
      ProcessResult result = new ProcessRunner(time).run(spec, lines::add, Cancellation.never());
      return result.exitCode() == null ? -1 : result.exitCode();
    }
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** The program itself is in a package for this machine; the one beside it is for older ones. */
  private Path openCode() throws IOException {
    try (Stream<Path> packages = Files.list(root.resolve("node_modules"))) {
      return packages
          .filter(each -> each.getFileName().toString().startsWith("opencode-"))
          .map(each -> each.resolve("bin/opencode"))
          .filter(Files::isExecutable)
          .min(Path::compareTo)
          .orElseThrow(() -> new IOException("OpenCode brought no program for this machine"));
    }
  }

  private void link(String name, Path target) throws IOException {
    Files.createDirectories(bin());
    Files.deleteIfExists(bin().resolve(name));
    Files.createSymbolicLink(bin().resolve(name), target);
  }

  /** {@return the directory of their programs, for a search path} */
  Path bin() {
    return root.resolve("bin");
  }

  /**
   * {@return what they have to have in their environment to ask nobody but this model}
   *
   * @param home where they keep what they keep
   */
  Map<String, String> environment(Path home, ModelServer model) throws IOException {
    Files.createDirectories(home.resolve(".qwen"));
    Files.writeString(home.resolve(".qwen/settings.json"), QWEN_SETTINGS);
    Path config = home.resolve("opencode.json");
    Files.writeString(config, OPENCODE_CONFIG.replace("BASE", model.baseUrl()));
    Map<String, String> all = new LinkedHashMap<>();
    all.put("HOME", home.toString());
    for (String place : List.of("CONFIG", "DATA", "CACHE", "STATE")) {
      all.put("XDG_" + place + "_HOME", home.resolve(place.toLowerCase(Locale.ROOT)).toString());
    }
    all.put("OPENCODE_CONFIG", config.toString());
    for (String thing :
        List.of("MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS", "CLAUDE_CODE", "PRUNE")) {
      all.put("OPENCODE_DISABLE_" + thing, "1");
    }
    all.put("OPENAI_API_KEY", "dummy-of-loopback");
    all.put("OPENAI_BASE_URL", model.baseUrl());
    all.put("OPENAI_MODEL", "scripted");
    return all;
  }

  /** {@return an agent of this kind that knows no model but this one} */
  <A extends CliAgent> CliAgent.Builder<A> set(
      CliAgent.Builder<A> builder, Path home, ModelServer model) throws IOException {
    environment(home, model).forEach(builder::variable);
    return builder;
  }

  /** {@return how OpenCode is started} */
  String openCodeProgram() {
    return bin().resolve("opencode").toString();
  }

  /** {@return the script of Qwen Code, for node} */
  String qwenScript() {
    return root.resolve("node_modules/@qwen-code/qwen-code/cli.js").toString();
  }

  /** {@return the processes that live in this home, as Linux tells it} */
  static List<String> livingIn(Path home) {
    return ProcessHandle.allProcesses()
        .filter(each -> variables(each.pid()).contains("HOME=" + home + "\0"))
        .map(each -> each.pid() + " " + each.info().commandLine().orElse(""))
        .toList();
  }

  private static String variables(long pid) {
    Path file = Path.of("/proc", Long.toString(pid), "environ");
    try {
      return "\0" + Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // another user's, or gone meanwhile: none of ours
    }
  }

  private static final String OPENCODE_CONFIG =
      """
      {
        "autoupdate": false,
        "share": "disabled",
        "model": "loopback/scripted",
        "small_model": "loopback/scripted",
        "enabled_providers": ["loopback"],
        "provider": {
          "loopback": {
            "npm": "@ai-sdk/openai-compatible",
            "name": "Loopback",
            "options": {"baseURL": "BASE", "apiKey": "dummy-of-loopback"},
            "models": {
              "scripted": {
                "name": "Scripted",
                "tool_call": true,
                "cost": {"input": 1, "output": 2},
                "limit": {"context": 128000, "output": 8000}
              }
            }
          }
        }
      }
      """;

  private static final String QWEN_SETTINGS =
      """
      {
        "general": {"enableAutoUpdate": false},
        "privacy": {"usageStatisticsEnabled": false},
        "telemetry": {"enabled": false},
        "security": {"auth": {"selectedType": "openai"}, "folderTrust": {"enabled": false}},
        "model": {"name": "scripted"},
        "tools": {"toolSearch": {"enabled": false}},
        "$version": 4
      }
      """;
}
