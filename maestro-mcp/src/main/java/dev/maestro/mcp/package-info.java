/**
 * Hosted runs for programs that speak MCP: a coding agent starts runs, asks for steps and hands
 * them in through tools.
 *
 * <p>Three doors: {@link dev.maestro.mcp.McpMain} is the program that an agent's configuration
 * names; {@link dev.maestro.mcp.StdioServer} and {@link dev.maestro.mcp.LoopbackServer} serve a
 * {@link dev.maestro.hosted.Hosted} of an application's own.
 */
@NullMarked
package dev.maestro.mcp;

import org.jspecify.annotations.NullMarked;
