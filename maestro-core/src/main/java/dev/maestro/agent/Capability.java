package dev.maestro.agent;

/**
 * Something a provider may or may not be able to do; asked before a run starts, never found out by
 * failing.
 */
public enum Capability {
  /** Conversations can be resumed by their session id. */
  SESSIONS,
  /** It asks before it uses a tool. */
  PERMISSIONS,
  /** It reports usage while it works. */
  METERS,
  /** It stops by itself at a given cost. */
  CAPS_SPEND,
  /**
   * It is started first and gets its prompt afterwards, so that the start can be made durable
   * before anything is paid for.
   */
  PROMPT_AFTER_START,
  /** It takes images. */
  VISION,
  /** Its thinking effort can be set. */
  THINKING,
  /** It can use MCP servers. */
  MCP
}
