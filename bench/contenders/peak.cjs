// Loaded with --require: tells the parent, at the very end, how much memory the process has used at most.
process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS));
});
