// The post step: the same action, which looks at the name of this file.
require('./index.js');
